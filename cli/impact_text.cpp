#include "cli/impact_text.h"

#include <fmt/format.h>

#include <ostream>

#include "postgres/text.h"
#include "report/escape.h"
#include "report/wording.h"

namespace plumbline {

namespace {

constexpr std::size_t most_changes = 200;
constexpr std::size_t most_line = 400;
constexpr char unseen_locks[] = "what runs outside a transaction lets go before it is seen";

std::string change_text(const Finding& change) {
  std::string text = change.verb == Difference::Verb::unexpected ? "added "
                     : change.verb == Difference::Verb::missing  ? "removed "
                                                                 : "changed ";
  text += change.label + " " + change.object();
  if (!change.implied.empty()) text += ", and " + counted(change.implied.size(), "object") + " with it";
  if (change.verb != Difference::Verb::changed) return text;
  std::vector<std::string> attributes;
  for (const AttributeChange& each : change.changes) {
    const bool brief = !is_block(each) && each.actual.size() + each.expected.size() < 80;
    attributes.push_back(words(each.attribute) + (brief ? " " + shown_value(each.expected, each.actual) +
                                                              " -> " + shown_value(each.actual, each.expected)
                                                        : ""));
  }
  return text + ": " + join(attributes, ", ");
}

std::string lock_text(const MigrationImpact& migration) {
  std::vector<std::string> parts;
  for (const HeldLock& lock : migration.locks) parts.push_back(lock.object + " (" + lock.blocks + ")");
  return join(parts, ", ");
}

std::string headline(const Impact& impact) {
  if (impact.changes.empty() && impact.migrations.empty()) return "no migrations are new";
  const std::size_t breaks = breaking(impact.changes).size();
  return counted(impact.migrations.size(), "new migration") + ", " +
         counted(impact.changes.size(), "change") +
         (impact.step.empty() ? "" : ": a " + impact.step + " step") +
         (breaks > 0 ? ", " + counted(breaks, "breaking change") : "");
}

std::string folded(const std::string& title, const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string text = "<details><summary>" + title + "</summary>\n\n";
  for (std::size_t i = 0; i < lines.size() && i < most_changes; ++i)
    text += "- " + markdown_text(shortened(lines[i], most_line)) + "\n";
  if (lines.size() > most_changes) text += "- and " + std::to_string(lines.size() - most_changes) + " more\n";
  return text + "\n</details>\n\n";
}

std::string migration_rows(const Impact& impact) {
  if (impact.migrations.empty()) return {};
  std::string text = "| migration | time | blocks | rewrites |\n|---|---|---|---|\n";
  for (std::size_t i = 0; i < impact.migrations.size() && i < most_changes; ++i) {
    const MigrationImpact& one = impact.migrations[i];
    std::vector<std::string> blocks;
    if (!one.locks.empty()) blocks.push_back(shortened(lock_text(one), 200));
    if (one.outside_transaction) blocks.emplace_back(unseen_locks);
    text += "| " + markdown_code(shortened(one.file, 120)) + fmt::format(" | {:.3f}&nbsp;s | ", one.seconds) +
            markdown_text(join(blocks, "; ")) + " | " +
            markdown_text(shortened(join(one.rewritten, ", "), 200)) + " |\n";
  }
  if (impact.migrations.size() > most_changes)
    text += "\n" + counted(impact.migrations.size() - most_changes, "more migration") + " not shown here.\n";
  return text +
         "\n<sub>Measured on a throw-away server whose tables have no rows: locks and rewrites are the same "
         "on a "
         "full one, times are not.</sub>\n\n";
}

}  // namespace

void write_text(const Impact& impact, std::ostream& out) {
  out << headline(impact) << "\n";
  const auto section = [&](const char* title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    out << "\n" << title << "\n";
    for (const std::string& line : lines) out << "  " << visible_line(line) << "\n";
  };
  std::vector<std::string> breaks, changes, advice;
  for (const Finding* change : breaking(impact.changes)) breaks.push_back(change_text(*change));
  for (const Finding& change : impact.changes) changes.push_back(change_text(change));
  for (const Condition& one : impact.advice) advice.push_back(one.object + " " + one.text + ". " + one.hint);
  section("Breaking", breaks);
  section("Changes", changes);
  if (!impact.migrations.empty()) out << "\nMigrations, on a server without rows\n";
  for (const MigrationImpact& migration : impact.migrations) {
    out << fmt::format("  {}  {:.3f} s\n", visible_line(migration.file), migration.seconds);
    if (!migration.locks.empty()) out << "    blocks " << visible_line(lock_text(migration)) << "\n";
    if (!migration.rewritten.empty())
      out << "    rewrites " << visible_line(join(migration.rewritten, ", ")) << "\n";
    if (migration.outside_transaction) out << "    " << unseen_locks << "\n";
  }
  section("Edited after they were on base", impact.edited);
  section("On base only", impact.gone);
  section("Advice on what is new", advice);
}

void write_markdown(const Impact& impact, std::ostream& out) {
  std::vector<std::string> breaks, changes, advice;
  for (const Finding* change : breaking(impact.changes)) breaks.push_back(change_text(*change));
  for (const Finding& change : impact.changes) changes.push_back(change_text(change));
  for (const Condition& one : impact.advice) advice.push_back(one.object + " " + one.text + ". " + one.hint);
  out << "**plumbline: what this branch does to the schema** \u2013 " << headline(impact) << "\n\n"
      << migration_rows(impact) << folded("breaking: " + counted(breaks.size(), "change"), breaks)
      << folded("all changes: " + std::to_string(changes.size()), changes)
      << folded("advice on what is new: " + std::to_string(advice.size()), advice)
      << folded("edited after they were on base", impact.edited) << folded("on base only", impact.gone)
      << "<!-- plumbline -->\n";
}

}  // namespace plumbline
