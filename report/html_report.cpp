#include <algorithm>
#include <array>
#include <ostream>

#include "postgres/text.h"
#include "report/diagram.h"
#include "report/escape.h"
#include "report/html_assets.h"
#include "report/html_sides.h"
#include "report/report.h"
#include "report/wording.h"

namespace plumbline {

namespace {

constexpr auto shown_verbs = std::to_array<Difference::Verb>(
    {Difference::Verb::changed, Difference::Verb::missing, Difference::Verb::unexpected});
constexpr std::size_t opened_at_once = 5;  // so few findings need no unfolding
constexpr std::size_t widest_bar = 160;    // pixels

std::string html(std::string_view text) { return escape_html(visible_line(text)); }

std::string counter(std::string_view tone, std::size_t count, std::string_view what) {
  return "<li class=\"" + std::string(tone) + "\"><b>" + std::to_string(count) + "</b>" + html(what) +
         "</li>\n";
}

void write_counts(const Report& report, std::ostream& out) {
  out << "<ul class=\"counts\">\n";
  for (const Severity severity : all_severities) {
    const auto count = std::ranges::count(report.findings, severity, &Finding::severity);
    if (count > 0) out << counter(to_string(severity), static_cast<std::size_t>(count), to_string(severity));
  }
  for (const auto state : {Standing::State::fresh, Standing::State::flapping}) {
    const auto count =
        std::ranges::count_if(report.standings, [&](const auto& each) { return each.second.state == state; });
    if (count > 0 && !report.previous.empty())
      out << counter("", static_cast<std::size_t>(count), to_string(state));
  }
  if (const auto fixed = fixed_now(report); !fixed.empty()) out << counter("good", fixed.size(), "fixed");
  if (!report.pending.empty()) out << counter("", report.pending.size(), "pending");
  out << counter("", report.objects, "objects compared") << "</ul>\n";
}

void write_head(const Report& report, std::ostream& out) {
  const std::string title =
      std::string(verdict(report)) + (report.drift() ? ": " : " in ") + verdict_counts(report);
  // Nothing may be fetched, whatever a name in the database says.
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
         "'unsafe-inline'; "
         "script-src 'unsafe-inline'; img-src data:\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" "
         "href=\"data:,\">\n<title>plumbline: "
      << html(title) << "</title>\n<style>\n"
      << page_style << "</style>\n</head>\n<body>\n<header>\n<h1 class=\"verdict "
      << (report.drift() ? "drift" : "clean") << "\">" << html(title) << "</h1>\n<p>"
      << html(compared_states(report)) << "</p>\n";
  if (const std::string news = news_of(report); !news.empty()) out << "<p>" << html(news) << "</p>\n";
  std::string facts = "plumbline " + report.tool_version;
  if (!report.time.empty()) facts += ", " + shown_time(report.time);
  if (report.actual_version > 0) facts += ", PostgreSQL " + std::to_string(report.actual_version);
  out << "<p class=\"quiet\">" << html(facts) << "</p>\n";
  write_counts(report, out);
  out << "</header>\n";
}

std::string box(std::string_view filter, std::string_view value, std::size_t count) {
  return "<label><input type=\"checkbox\" checked data-filter=\"" + std::string(filter) + "\" value=\"" +
         std::string(value) + "\"> " + std::string(value) + " (" + std::to_string(count) + ")</label>\n";
}

void write_tools(const Report& report, std::ostream& out) {
  out << "<div class=\"tools\" role=\"search\">\n<input type=\"search\" id=\"search\" placeholder=\"filter "
         "by name, kind "
         "or attribute\" aria-label=\"filter findings\">\n";
  for (const Severity severity : all_severities) {
    const auto count = std::ranges::count(report.findings, severity, &Finding::severity);
    if (count > 0) out << box("severity", to_string(severity), static_cast<std::size_t>(count));
  }
  for (const Difference::Verb verb : shown_verbs) {
    const auto count = std::ranges::count(report.findings, verb, &Finding::verb);
    if (count > 0) out << box("verb", to_string(verb), static_cast<std::size_t>(count));
  }
  for (const auto state : {Standing::State::fresh, Standing::State::known, Standing::State::flapping}) {
    const auto count =
        std::ranges::count_if(report.standings, [&](const auto& each) { return each.second.state == state; });
    if (count > 0) out << box("standing", to_string(state), static_cast<std::size_t>(count));
  }
  out << "<span class=\"quiet\" id=\"shown\" aria-live=\"polite\"></span>\n"
         "<button type=\"button\" data-action=\"open\">unfold all</button>\n"
         "<button type=\"button\" data-action=\"close\">fold all</button>\n</div>\n";
}

// What the search looks into.
std::string search_text(const Finding& finding) {
  std::string text = summary_of(finding) + " " + finding.id + " " + std::string(to_string(finding.meaning));
  for (const AttributeChange& change : finding.changes) text += " " + words(change.attribute);
  for (const std::string& line : history(finding)) text += " " + line;
  return to_lower(text);
}

void write_changes(const Finding& finding, const Report& report, std::ostream& out) {
  for (const AttributeChange& change : finding.changes) {
    const std::string since = place_of_its_own(finding, change);
    out << "<h3>" << html(words(change.attribute));
    if (!since.empty()) out << " <small>since " << html(since) << "</small>";
    out << "</h3>\n";
    write_sides(change, actual_word(report), out);
  }
}

void write_definition(const Finding& finding, std::ostream& out) {
  std::string facts;
  for (const AttributeChange& change : finding.changes) {
    const std::string& value = change.actual.empty() ? change.expected : change.actual;
    facts += "<dt>" + html(words(change.attribute)) + "</dt><dd>";
    facts += is_block(change) ? "<pre>" + escape_html(visible(value)) + "</pre>"
                              : "<code>" + html(value) + "</code>";
    facts += "</dd>\n";
  }
  if (!facts.empty()) out << "<dl class=\"facts\">\n" << facts << "</dl>\n";
}

void write_finding(const Finding& finding, const Report& report, std::ostream& out) {
  const std::string severity(to_string(finding.severity)), verb(to_string(finding.verb));
  const Standing* standing = report.standing(finding);
  out << "<article class=\"finding " << severity << "\" id=\"" << html(finding.id) << "\" data-severity=\""
      << severity << "\" data-verb=\"" << verb << "\" data-standing=\""
      << (standing ? to_string(standing->state) : std::string_view()) << "\" data-text=\""
      << html(search_text(finding)) << "\"><details"
      << (report.findings.size() <= opened_at_once ? " open" : "") << ">\n<summary><span class=\"badge\">"
      << severity << "</span> " << verb_word(finding) << " " << html(finding.label) << " <code>"
      << html(finding.object()) << "</code>" << html(expected_name_after(finding));
  if (standing && standing->state == Standing::State::known) {
    out << " <span class=\"quiet\">known since " << html(shown_time(standing->since)) << "</span>";
  } else if (standing) {
    out << " <span class=\"badge\">" << to_string(standing->state) << "</span>";
  }
  out << " <a class=\"id\" href=\"#" << html(finding.id) << "\">" << html(finding.id)
      << "</a></summary>\n<div class=\"body\">\n";
  finding.verb == Difference::Verb::changed ? write_changes(finding, report, out)
                                            : write_definition(finding, out);
  if (!finding.implied.empty()) out << "<p>with it: " << html(join(finding.implied, ", ")) << "</p>\n";
  if (!history(finding).empty())
    out << "<p class=\"quiet\">" << html(join(history(finding), ", ")) << "</p>\n";
  if (!finding.cause.empty()) out << "<p>cause: " << html(finding.cause) << "</p>\n";
  if (!finding.hint.empty()) out << "<p>hint: " << html(finding.hint) << "</p>\n";
  out << "</div>\n</details></article>\n";
}

void write_findings(const Report& report, std::ostream& out) {
  if (!report.drift()) return;
  out << "<main>\n<h2>Findings</h2>\n";
  write_tools(report, out);
  for (const Finding* finding : by_severity(report)) write_finding(*finding, report, out);
  out << "</main>\n";
}

void write_diagram(const Report& report, const Draw& draw, std::ostream& out) {
  if (report.diagram.nodes.empty() || !draw) return;
  const std::string drawn = draw(graph_of(report.diagram));
  const std::size_t start = drawn.find("<svg");  // without the prologue of a file of its own
  if (start == std::string::npos) return;
  out << "<section>\n<h2>What differs, and what is connected with it</h2>\n<div class=\"diagram\" "
         "role=\"group\" aria-label=\"drawing of the objects that differ\" tabindex=\"0\">\n"
      << drawn.substr(start) << "</div>\n";
  if (report.diagram.left_out > 0) {
    out << "<p class=\"quiet\">" << counted(report.diagram.left_out, "more object")
        << " had no room here.</p>\n";
  }
  out << "</section>\n";
}

void write_timeline(const Report& report, std::ostream& out) {
  if (report.timeline.empty()) return;
  std::size_t most = 1;
  for (const MigrationEffect& effect : report.timeline)
    most = std::max(most, effect.created + effect.changed);
  const auto bar = [&](std::size_t count) {
    return "<i style=\"width:" + std::to_string((count * widest_bar + most - 1) / most) + "px\"></i>";
  };
  out << "<section>\n<h2>Migrations</h2>\n<p class=\"quiet\">Objects that each created, and changed "
         "last.</p>\n"
         "<ol class=\"timeline\">\n";
  for (const MigrationEffect& effect : report.timeline) {
    out << "<li" << (effect.findings > 0 ? " class=\"drifted\"" : "") << "><code>" << html(effect.file)
        << "</code><span class=\"bar\">" << bar(effect.created) << bar(effect.changed)
        << "</span><span class=\"quiet\">" << effect.created << " created, " << effect.changed
        << " changed</span>";
    if (effect.findings > 0)
      out << "<span class=\"badge critical\">" << counted(effect.findings, "finding") << "</span>";
    out << "</li>\n";
  }
  for (const PendingMigration& pending : report.pending) {
    out << "<li class=\"pending\"><code>" << html(pending.file)
        << "</code><span class=\"quiet\">pending</span></li>\n";
  }
  out << "</ol>\n</section>\n";
}

void write_list(const std::string& title, const std::vector<std::string>& items, std::ostream& out) {
  if (items.empty()) return;
  out << "<section>\n<h2>" << html(title) << "</h2>\n<ul>\n";
  for (const std::string& item : items) out << "<li>" << html(item) << "</li>\n";
  out << "</ul>\n</section>\n";
}

void write_lists(const Report& report, std::ostream& out) {
  std::vector<std::string> pending, fixed, accepted, hidden, conditions;
  for (const PendingMigration& migration : report.pending) pending.push_back(migration.file);
  for (const FixedFinding& one : fixed_now(report)) fixed.push_back(summary_of(one));
  for (const AcceptedFinding& one : report.accepted) {
    accepted.push_back(summary_of(one.finding) + ", by " + one.rule +
                       (one.reason.empty() ? "" : ": " + one.reason) +
                       (one.expires.empty() ? "" : " (until " + one.expires + ")"));
  }
  for (const HiddenFindings& rule : report.hidden) {
    hidden.push_back(std::to_string(rule.count) + " by " + rule.rule +
                     (rule.reason.empty() ? "" : ": " + rule.reason) +
                     (rule.expires.empty() ? "" : " (until " + rule.expires + ")"));
  }
  for (const Condition& condition : report.conditions) {
    conditions.push_back(condition.object + " " + condition.text +
                         (condition.hint.empty() ? "" : ". " + condition.hint));
  }
  if (report.timeline.empty()) write_list("Pending migrations", pending, out);
  write_list("Fixed since the last run", fixed, out);
  write_list("Operational, no drift", conditions, out);
  write_list("Accepted", accepted, out);
  write_list("Hidden", hidden, out);
  write_list("Presets", report.presets, out);
  write_list("Not compared", report.not_compared, out);
  write_list("Not readable", report.not_readable, out);
}

}  // namespace

void write_html(const Report& report, const Draw& draw, std::ostream& out) {
  write_head(report, out);
  write_list("Warnings", report.warnings, out);
  write_findings(report, out);
  write_diagram(report, draw, out);
  write_timeline(report, out);
  write_lists(report, out);
  out << "<footer class=\"quiet keys\">\n<p>Keys: <kbd>/</kbd> filter, <kbd>j</kbd> <kbd>k</kbd> next and "
         "previous "
         "finding, <kbd>e</kbd> <kbd>c</kbd> unfold and fold all, <kbd>t</kbd> light or dark "
         "<button type=\"button\" data-action=\"theme\">light or dark</button> "
         "<button type=\"button\" data-action=\"print\">print</button></p>\n</footer>\n<script>\n"
      << page_script << "</script>\n</body>\n</html>\n";
}

}  // namespace plumbline
