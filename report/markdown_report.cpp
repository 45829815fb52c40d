#include <algorithm>
#include <array>
#include <ostream>
#include <span>

#include "postgres/text.h"
#include "report/escape.h"
#include "report/report.h"
#include "report/wording.h"

namespace plumbline {

namespace {

// The table may have as much of a small room, so that the gravest details fit too.
constexpr std::size_t rows_share_of_100 = 56;
// Of each block of code; the next where the whole has no room.
constexpr auto block_sizes = std::to_array<std::size_t>({6'000, 1'500, 300});
constexpr std::size_t most_value = 400;
constexpr std::size_t most_cell = 160;
constexpr std::size_t most_changes = 6;
constexpr std::size_t most_items = 40;
constexpr std::size_t most_list = 4'000;

std::string code(std::string_view text, std::size_t most = most_cell) {
  return markdown_code(shortened(text, most));
}

// A long block keeps its first lines.
std::string first_lines(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  const std::size_t end = text.rfind('\n', most);
  return end == std::string::npos ? shortened(text, most) + "\n" : text.substr(0, end + 1) + "...\n";
}

std::string change_in_a_cell(const AttributeChange& change) {
  const std::string name = words(change.attribute);
  if (is_block(change) || change.actual.size() + change.expected.size() > most_cell / 2)
    return markdown_text(name);
  return markdown_text(name) + ": " + code(shown_value(change.expected, change.actual)) + " \u2192 " +
         code(shown_value(change.actual, change.expected));
}

// "new" before what is new, and what flaps; what is known needs no word.
std::string standing_words(const Finding& finding, const Report& report) {
  const Standing* standing = report.standing(finding);
  if (!standing || standing->state == Standing::State::known) return {};
  return "_" + std::string(to_string(standing->state)) + "_ ";
}

std::string what(const Finding& finding, const Report& report) {
  const std::size_t shown = std::min(finding.changes.size(), most_changes);
  std::string text = standing_words(finding, report) + "**" + std::string(verb_word(finding)) + "**";
  if (finding.verb == Difference::Verb::changed) {
    std::vector<std::string> parts;
    for (const AttributeChange& change : std::span(finding.changes).first(shown)) {
      parts.push_back(change_in_a_cell(change));
    }
    if (shown < finding.changes.size())
      parts.push_back("and " + std::to_string(finding.changes.size() - shown) + " more");
    text += " " + join(parts, ", ");
  }
  if (!finding.implied.empty()) text += ", and " + counted(finding.implied.size(), "object") + " with it";
  if (!finding.hint.empty()) text += "; " + markdown_text(shortened(finding.hint, most_cell));
  return text;
}

std::string since(const Finding& finding) {
  const std::string place = last_place(finding);
  return place.empty() ? place : code(place);
}

std::string row(const Finding& finding, const Report& report) {
  return "| " + std::string(to_string(finding.severity)) + " | " + markdown_text(finding.label) + " " +
         code(finding.object()) + " | " + what(finding, report) + " | " + since(finding) + " |\n";
}

// Within its own lines a <details> tag is HTML; after the empty line Markdown begins again.
std::string folded(const std::string& title, const std::string& body) {
  return "<details><summary>" + title + "</summary>\n\n" + body + "\n</details>\n\n";
}

// Text that stands by itself, with an empty line before it when something precedes it.
void add_paragraph(std::string& body, const std::string& text) {
  if (text.empty()) return;
  if (!body.empty()) body += "\n";
  body += text;
  if (body.back() != '\n') body += "\n";
}

std::string change_details(const Finding& finding, const AttributeChange& change,
                           std::string_view actual_name, std::size_t most_block) {
  const std::string since = place_of_its_own(finding, change);
  const std::string title = "**" + markdown_text(words(change.attribute)) + "**" +
                            (since.empty() ? "" : " (since " + code(since) + ")");
  if (is_block(change)) {
    return title + "\n\n" + markdown_fenced(first_lines(block_diff(change), most_block), "diff");
  }
  return title + ": expected " + code(shown_value(change.expected, change.actual), most_value) + ", " +
         std::string(actual_name) + " " + code(shown_value(change.actual, change.expected), most_value);
}

// What an object is that only one side has.
std::string attribute_details(const AttributeChange& change, std::size_t most_block) {
  const std::string& value = change.actual.empty() ? change.expected : change.actual;
  const std::string title = markdown_text(words(change.attribute));
  if (!is_block(change)) return "- " + title + ": " + code(value, most_value) + "\n";
  return "\n" + title + ":\n\n" + markdown_fenced(first_lines(value, most_block), "sql") + "\n";
}

std::string list(const std::vector<std::string>& items) {
  std::string text;
  std::size_t shown = 0;
  for (const std::string& item : items) {
    if (shown == most_items || text.size() > most_list) break;
    text += "- " + markdown_text(shortened(item, most_value)) + "\n";
    ++shown;
  }
  if (shown < items.size()) text += "- and " + std::to_string(items.size() - shown) + " more\n";
  return text;
}

std::string details(const Finding& finding, const Report& report, std::size_t most_block) {
  std::string body, definition;
  for (const AttributeChange& change : finding.changes) {
    if (finding.verb == Difference::Verb::changed) {
      add_paragraph(body, change_details(finding, change, actual_word(report), most_block));
    } else {
      definition += attribute_details(change, most_block);
    }
  }
  add_paragraph(body, definition);
  if (!finding.implied.empty()) add_paragraph(body, "With it:\n\n" + list(finding.implied));
  add_paragraph(body, markdown_text(join(history(finding), ", ")));
  if (!finding.cause.empty()) add_paragraph(body, "Cause: " + markdown_text(finding.cause));
  if (!finding.hint.empty()) add_paragraph(body, "Hint: " + markdown_text(finding.hint));
  add_paragraph(body, "<sub>" + finding.id + "</sub>");
  const std::string title = std::string(verb_word(finding)) + " " + finding.label + " " +
                            shortened(finding.object() + expected_name_after(finding), most_cell);
  return folded(markdown_html(title), body);
}

std::string pending_list(const Report& report) {
  std::vector<std::string> files;
  for (const PendingMigration& migration : report.pending) files.push_back(migration.file);
  return list(files);
}

std::string hidden_list(const Report& report) {
  std::vector<std::string> lines;
  for (const HiddenFindings& rule : report.hidden) {
    std::string line = std::to_string(rule.count) + " by " + rule.rule;
    if (!rule.reason.empty()) line += ": " + rule.reason;
    if (!rule.expires.empty()) line += " (until " + rule.expires + ")";
    lines.push_back(line);
  }
  return list(lines);
}

std::string accepted_list(const Report& report) {
  std::vector<std::string> lines;
  for (const AcceptedFinding& accepted : report.accepted) {
    lines.push_back(summary_of(accepted.finding) + ", by " + accepted.rule +
                    (accepted.expires.empty() ? "" : " until " + accepted.expires));
  }
  return list(lines);
}

std::string fixed_list(const Report& report) {
  std::vector<std::string> lines;
  for (const FixedFinding& fixed : fixed_now(report)) lines.push_back(summary_of(fixed));
  return list(lines);
}

std::string condition_list(const Report& report) {
  std::vector<std::string> lines;
  for (const Condition& condition : report.conditions) {
    std::string line = condition.object + " " + condition.text;
    if (!condition.hint.empty()) line += ". " + condition.hint;
    lines.push_back(line);
  }
  return list(lines);
}

std::string section(const std::string& title, const std::string& body) {
  return body.empty() ? std::string() : folded(escape_html(title), body);
}

std::string head(const Report& report) {
  std::string text = "**plumbline: " + std::string(verdict(report)) + "** \u2013 " + verdict_counts(report);
  if (!report.pending.empty()) text += ", " + counted(report.pending.size(), "pending migration");
  text += "\n\n" + markdown_text(shortened(compared_states(report), most_value * 2)) + "\n\n";
  if (const std::string news = news_of(report); !news.empty()) text += markdown_text(news) + "\n\n";
  return report.warnings.empty() ? text : text + "Warnings:\n\n" + list(report.warnings) + "\n";
}

std::string tail(const Report& report) {
  std::size_t hidden = 0;
  for (const HiddenFindings& rule : report.hidden) hidden += rule.count;
  return section("pending: " + counted(report.pending.size(), "migration"), pending_list(report)) +
         section("fixed: " + counted(fixed_now(report).size(), "finding"), fixed_list(report)) +
         section("hidden: " + counted(hidden, "finding"), hidden_list(report)) +
         section("accepted: " + counted(report.accepted.size(), "finding"), accepted_list(report)) +
         section("operational, no drift: " + counted(report.conditions.size(), "condition"),
                 condition_list(report)) +
         section("presets", list(report.presets)) + section("not compared", list(report.not_compared)) +
         section("not readable", list(report.not_readable)) + "<sub>plumbline " +
         markdown_text(report.tool_version) + ", " + counted(report.objects, "object") +
         " compared</sub>\n<!-- plumbline -->\n";
}

// The table, gravest findings first, as far as `budget` goes.
std::string table(const std::vector<const Finding*>& findings, const Report& report, std::size_t budget) {
  std::string text = "| severity | object | what | since |\n|---|---|---|---|\n";
  std::size_t shown = 0;
  for (; shown < findings.size(); ++shown) {
    const std::string next = row(*findings[shown], report);
    if (text.size() + next.size() > budget) break;
    text += next;
  }
  if (shown < findings.size()) {
    text += "\n" + counted(findings.size() - shown, "more finding") + " not shown here.\n";
  }
  return text + "\n";
}

// As long as there is room, and nothing of the less important where the more important had none.
std::string all_details(const Report& report, const std::vector<const Finding*>& findings,
                        std::size_t budget) {
  std::string text;
  std::size_t shown = 0;
  for (; shown < findings.size(); ++shown) {
    const auto fits = [&](const std::string& next) {
      if (text.size() + next.size() > budget) return false;
      text += next;
      return true;
    };
    const bool found_room = std::ranges::any_of(block_sizes, [&](std::size_t most_block) {
      return fits(details(*findings[shown], report, most_block));
    });
    if (!found_room) break;
  }
  if (shown < findings.size())
    text += "Details of " + counted(findings.size() - shown, "finding") + " not shown here.\n\n";
  return text;
}

}  // namespace

void write_markdown(const Report& report, const MarkdownOptions& options, std::ostream& out) {
  constexpr std::size_t spare = 300;  // for what says how many are not shown
  const std::string start = head(report), end = tail(report);
  out << start;
  if (report.drift()) {
    const auto findings = by_severity(report);
    const std::size_t room =
        options.most_bytes - start.size() - end.size() - spare;  // never little: both are bounded
    const std::string rows =
        table(findings, report, std::min(room, options.most_bytes / 100 * rows_share_of_100));
    out << rows << all_details(report, findings, room - rows.size());
  }
  out << end;
}

}  // namespace plumbline
