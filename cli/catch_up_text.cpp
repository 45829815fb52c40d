#include "cli/catch_up_text.h"

#include "catchup/section.h"
#include "postgres/text.h"
#include "runner/new_migration.h"

namespace plumbline {

namespace {

constexpr std::size_t most_told = 100;

SectionOptions section_options(const CatchUpText& text) {
  return {text.settings.catch_up.lock_timeout, true};
}

std::string one_line(const std::string& text) {
  constexpr std::size_t longest = 60;
  std::string line = text.substr(0, text.find('\n'));
  return line.size() > longest || line.size() < text.size() ? line.substr(0, longest) + "..." : line;
}

// "changed column public.t.c: type integer -> bigint (0003_wider.sql:4)"
std::string told(const Finding& finding) {
  std::string line = std::string(to_string(finding.verb))
                         .append(" ")
                         .append(finding.label)
                         .append(" ")
                         .append(finding.object());
  if (finding.verb == Difference::Verb::changed) {
    std::string separator = ": ";
    for (const AttributeChange& change : finding.changes) {
      line +=
          separator + change.attribute + " " + one_line(change.expected) + " -> " + one_line(change.actual);
      separator = ", ";
    }
  }
  if (finding.last_changed)
    line += " (" + finding.last_changed->file + ":" + std::to_string(finding.last_changed->line) + ")";
  return line;
}

std::string differences_of(const CatchUpText& text) {
  std::string result =
      "-- How live differs from " +
      one_line(text.report.expected.empty() ? "what the migrations describe" : text.report.expected) +
      " (in brackets the statement that made the expected side):\n";
  std::size_t count = 0;
  for (const Finding& finding : text.report.findings) {
    if (++count > most_told) break;
    result += "--   " + told(finding) + "\n";
  }
  if (text.report.findings.size() > most_told)
    result += "--   and " + std::to_string(text.report.findings.size() - most_told) + " more\n";
  return result;
}

// The lines by which "up" knows what the file is and for which schema.
std::vector<std::string> marks_of(const CatchUpText& text, bool transactional) {
  std::vector<std::string> marks{
      std::string("Catch-up: ") + (text.settings.catch_up.revert ? "revert" : "adopt"),
      "Live schema: " + text.fingerprint};
  if (!transactional) marks.emplace_back("Transaction: none");
  return marks;
}

std::string proof_of(const CatchUp& found) {
  if (found.rebuilt == 0) return "-- Not proven.\n";
  return "-- Proven on " + std::to_string(found.rebuilt) +
         " objects: what the statements touch, what depends on that and what these need.\n";
}

}  // namespace

void write_sections(const CatchUpText& text, std::ostream& out) {
  const std::string& only = text.settings.catch_up.section;
  const Section up = write_section(text.found.up, section_options(text));
  const Section down = write_section(text.found.down, section_options(text));
  for (const std::string& mark : marks_of(text, up.transactional && down.transactional))
    out << "-- " << mark << '\n';
  out << proof_of(text.found) << differences_of(text);
  if (only != "down") out << "-- ============= UP MIGRATION =============\n" << up.text;
  if (only.empty()) out << '\n';
  if (only != "up") out << "-- ============= DOWN MIGRATION ============\n" << down.text;
}

std::string write_migration(const CatchUpText& text, const MigrationDirectory& directory) {
  const bool is_own = directory.convention == "plumbline";
  SectionOptions options = section_options(text);
  options.each_transaction = !is_own;
  const Section up = write_section(text.found.up, options), down = write_section(text.found.down, options);
  NewMigration migration;
  migration.name = text.settings.catch_up.name;
  if (is_own) migration.type = "schema";
  migration.header = marks_of(text, !is_own || (up.transactional && down.transactional));
  migration.up = proof_of(text.found) + differences_of(text) + up.text;
  migration.down = down.text;
  return join(write_new_migration(directory.path, &directory, migration), " and ");
}

}  // namespace plumbline
