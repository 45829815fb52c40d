#include <algorithm>
#include <cmath>
#include <map>
#include <ostream>

#include "postgres/text.h"
#include "report/escape.h"
#include "report/report.h"
#include "report/wording.h"

namespace plumbline {

namespace {

constexpr int usual_width = 80;
constexpr std::size_t most_diff_lines = 400;

enum class Colour { none = 0, bold = 1, dim = 2, red = 31, green = 32, yellow = 33, blue = 34, cyan = 36 };

Colour colour_of(Severity severity) {
  switch (severity) {
    case Severity::critical:
    case Severity::high:
      return Colour::red;
    case Severity::medium:
      return Colour::yellow;
    case Severity::low:
      return Colour::cyan;
    case Severity::info:
      return Colour::dim;
  }
  return Colour::none;
}

Colour colour_of_line(std::string_view line) {
  if (line.starts_with("@@")) return Colour::cyan;
  if (line.starts_with("-")) return Colour::red;
  if (line.starts_with("+")) return Colour::green;
  return Colour::none;
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string capitalised(std::string_view text) {
  std::string result(text);
  if (!result.empty() && result[0] >= 'a' && result[0] <= 'z')
    result[0] = static_cast<char>(result[0] - 'a' + 'A');
  return result;
}

class Writer {
 public:
  Writer(const Report& report, const TextOptions& options, std::ostream& out)
      : report_(report), options_(options), out_(out) {}

  void write() {
    head();
    news();
    if (report_.drift()) {
      options_.grouping == Grouping::severity ? findings_by_severity() : findings_by_object();
    }
    pending();
    hidden();
    conditions();
    if (report_.drift()) out_ << "\n";
    line_of("presets", report_.presets);
    line_of("not compared", report_.not_compared);
    line_of("not readable", report_.not_readable);
    for (const std::string& warning : report_.warnings) {
      wrapped(painted("warning: ", Colour::yellow), 9, visible_line(warning), 9);
    }
    foot();
  }

 private:
  std::string painted(std::string_view text, Colour colour) const {
    if (!options_.colour || colour == Colour::none) return std::string(text);
    return "\x1b[" + std::to_string(static_cast<int>(colour)) + "m" + std::string(text) + "\x1b[0m";
  }

  // `text` behind `start`, of which `used` columns are seen; further lines are indented. Words are never cut.
  void wrapped(const std::string& start, std::size_t used, std::string_view text, std::size_t indent,
               Colour colour = Colour::none) {
    out_ << start;
    std::size_t at = used;
    std::string line;
    for (const std::string& word : split(text, ' ')) {
      const std::size_t length = columns(word);
      if (!line.empty() && at + 1 + length > width()) {
        out_ << painted(line, colour) << "\n" << std::string(indent, ' ');
        line.clear();
        at = indent;
      }
      if (!line.empty()) line += ' ', ++at;
      line += word;
      at += length;
    }
    out_ << painted(line, colour) << "\n";
  }

  void prose(std::size_t indent, std::string_view text, Colour colour = Colour::none) {
    wrapped(std::string(indent, ' '), indent, text, indent + 2, colour);
  }

  // The verdict is one line, for whoever looks at the first one only.
  void head() {
    const std::string line =
        std::string(verdict(report_)) + (report_.drift() ? ": " : " in ") + verdict_counts(report_);
    out_ << painted(line, report_.drift() ? Colour::red : Colour::green);
    if (report_.drift()) {
      out_ << "\n";
      prose(2, visible_line(compared_states(report_)));
    } else {
      out_ << ": " << visible_line(compared_states(report_))
           << (report_.seconds > 0 ? " (" + seconds() + ")" : "") << "\n";
    }
  }

  void news() {
    const std::string text = news_of(report_);
    if (text.empty()) return;
    prose(2, text);
    for (const FixedFinding& fixed : fixed_now(report_)) {
      prose(4, "fixed: " + visible_line(summary_of(fixed)), Colour::green);
    }
  }

  void findings_by_severity() {
    const auto sorted = by_severity(report_);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (i == 0 || sorted[i]->severity != sorted[i - 1]->severity) {
        out_ << "\n"
             << painted(capitalised(to_string(sorted[i]->severity)), colour_of(sorted[i]->severity)) << "\n";
      }
      finding(*sorted[i], false);
    }
  }

  void findings_by_object() {
    std::map<std::string, std::vector<const Finding*>> groups;
    for (const Finding& one : report_.findings) {
      const std::string& last = one.parent.empty() ? one.name : one.parent;
      const bool as_it_is = one.parent.empty() && one.name_is_sql;
      const std::string schema = one.schema.empty() ? std::string() : quote_identifier(one.schema) + ".";
      groups[schema + (as_it_is ? last : quote_identifier(last))].push_back(&one);
    }
    for (const auto& [object, members] : groups) {
      out_ << "\n" << painted(visible_line(object), Colour::bold) << "\n";
      for (const Finding* member : members) finding(*member, true);
    }
  }

  void finding(const Finding& one, bool with_severity) {
    std::string line = "  " + std::string(verb_word(one));
    if (with_severity)
      line = "  " + std::string(to_string(one.severity)) + ": " + std::string(verb_word(one));
    out_ << painted(line, colour_of(one.severity)) << " " << visible_line(one.label) << " "
         << painted(visible_line(one.object()), Colour::bold) << visible_line(expected_name_after(one))
         << "  " << painted(one.id, Colour::dim) << standing(one) << "\n";
    if (one.verb == Difference::Verb::changed) {
      for (const AttributeChange& change : one.changes) attribute(one, change);
    } else {
      definition(one);
    }
    if (!one.implied.empty()) prose(4, "with it: " + visible_line(implied_summary(one)));
    origin(one);
    if (!one.cause.empty()) prose(4, "cause: " + visible_line(one.cause));
    if (!one.hint.empty()) prose(4, "hint: " + visible_line(one.hint), Colour::blue);
  }

  std::string standing(const Finding& one) const {
    const Standing* known = report_.standing(one);
    if (!known) return {};
    if (known->state == Standing::State::known) return "  known since " + shown_time(known->since);
    return "  " + painted(to_string(known->state), Colour::yellow);
  }

  // On one line when both fit.
  void origin(const Finding& one) {
    const std::vector<std::string> lines = history(one);
    const std::string all = join(lines, ", ");
    if (columns(all) + 4 <= width()) {
      if (!all.empty()) prose(4, visible_line(all), Colour::dim);
    } else {
      for (const std::string& line : lines) prose(4, visible_line(line), Colour::dim);
    }
  }

  std::size_t width() const {
    return static_cast<std::size_t>(options_.width > 20 ? options_.width : usual_width);
  }

  // What there is to know of an object that only one side has, but for what is told by its absence.
  void definition(const Finding& one) {
    for (const AttributeChange& change : one.changes) {
      if (change.form == Form::order || is_block(change)) continue;
      value(words(change.attribute), change.actual.empty() ? change.expected : change.actual, Colour::none);
    }
  }

  void attribute(const Finding& one, const AttributeChange& change) {
    out_ << "    " << visible_line(words(change.attribute)) << "\n";
    if (is_block(change)) {
      diff(block_diff(change));
    } else {
      value("  expected", shown_value(change.expected, change.actual), Colour::red);
      value("  " + std::string(actual_word(report_)), shown_value(change.actual, change.expected),
            Colour::green);
    }
    const std::string since = place_of_its_own(one, change);
    if (!since.empty()) prose(6, "since " + visible_line(since), Colour::dim);
  }

  void value(std::string_view name, const std::string& text, Colour colour) {
    std::string start = "    " + std::string(name);
    start.append(start.size() < 14 ? 14 - start.size() : 0, ' ');
    start += "  ";
    if (options_.width > 0) {
      wrapped(start, columns(start), visible_line(text), columns(start), colour);
    } else {
      out_ << start << painted(visible_line(text), colour) << "\n";
    }
  }

  void diff(const std::string& text) {
    std::vector<std::string> lines = split(text, '\n');
    if (!lines.empty() && lines.back().empty()) lines.pop_back();
    const std::size_t shown = lines.size() > most_diff_lines ? most_diff_lines : lines.size();
    for (std::size_t i = 0; i < shown; ++i) {
      out_ << "      " << painted(visible(lines[i]), colour_of_line(lines[i])) << "\n";
    }
    if (shown < lines.size()) {
      prose(6, "... " + counted(lines.size() - shown, "more line") + "; the JSON report has all of them");
    }
  }

  void pending() {
    if (report_.pending.empty()) return;
    out_ << (report_.drift() ? "\n" : "") << "pending: " << counted(report_.pending.size(), "migration")
         << "\n";
    for (const PendingMigration& migration : report_.pending)
      out_ << "  " << visible_line(migration.file) << "\n";
  }

  void hidden() {
    if (report_.hidden.empty()) return;
    std::size_t total = 0;
    for (const HiddenFindings& rule : report_.hidden) total += rule.count;
    out_ << (report_.drift() ? "\n" : "") << "hidden: " << counted(total, "finding") << "\n";
    for (const HiddenFindings& rule : report_.hidden) {
      std::string text = std::to_string(rule.count) + " by " + rule.rule;
      if (!rule.reason.empty()) text += ": " + rule.reason;
      if (!rule.expires.empty()) text += " (until " + rule.expires + ")";
      prose(2, visible_line(text));
    }
  }

  void conditions() {
    if (report_.conditions.empty()) return;
    out_ << (report_.drift() ? "\n" : "")
         << "operational, no drift: " << counted(report_.conditions.size(), "condition") << "\n";
    for (const Condition& condition : report_.conditions) {
      prose(2, visible_line(condition.object + " " + condition.text));
      if (!condition.hint.empty()) prose(4, visible_line(condition.hint), Colour::blue);
    }
  }

  void line_of(std::string_view name, const std::vector<std::string>& items) {
    if (items.empty()) return;
    const std::string start = std::string(name) + ": ";
    wrapped(start, start.size(), visible_line(join(items, ", ")), 2);
  }

  // Without drift the first line has said the rest.
  void foot() {
    std::vector<std::string> parts;
    if (report_.drift()) parts.push_back(counted(report_.objects, "object") + " compared");
    if (report_.equivalent > 0)
      parts.push_back(counted(report_.equivalent, "text") + " spelled differently but equivalent");
    if (report_.drift() && report_.seconds > 0) parts.push_back(seconds());
    if (!parts.empty()) prose(0, join(parts, ", "), Colour::dim);
  }

  std::string seconds() const {
    const auto hundredths = std::llround(report_.seconds * 100);
    const std::string fraction = std::to_string(hundredths % 100);
    return std::to_string(hundredths / 100) + "." + (fraction.size() < 2 ? "0" : "") + fraction + " s";
  }

  const Report& report_;
  const TextOptions& options_;
  std::ostream& out_;
};

}  // namespace

void write_text(const Report& report, const TextOptions& options, std::ostream& out) {
  Writer(report, options, out).write();
}

}  // namespace plumbline
