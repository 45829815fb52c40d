#include "cli/catch_up_text.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "catchup/permission.h"
#include "catchup/section.h"
#include "catchup/trial.h"
#include "cli/location.h"
#include "expected/shadow.h"
#include "postgres/text.h"
#include "postgres/visible.h"
#include "runner/new_migration.h"

namespace plumbline {

namespace {

constexpr std::size_t most_told = 100;

std::string one_line(const std::string& text) {
  constexpr std::size_t longest = 60;
  if (text.empty()) return "none";
  if (text.size() <= longest) return visible_line(text);
  std::string line = text.substr(0, text.find('\n'));
  return line.size() > longest || line.size() < text.size() ? line.substr(0, longest) + "..." : line;
}

// "changed column public.t.c: type integer, expected bigint (0003_wider.sql:4)"
std::string told_finding(const Finding& finding) {
  std::string line = std::string(to_string(finding.verb))
                         .append(" ")
                         .append(finding.label)
                         .append(" ")
                         .append(finding.object());
  if (finding.verb == Difference::Verb::changed) {
    std::string separator = ": ";
    for (const AttributeChange& change : finding.changes) {
      const std::string is = one_line(change.actual), expected = one_line(change.expected);
      line.append(separator).append(change.attribute);
      line.append(is == expected ? " differs" : " ");
      if (is != expected) line.append(is).append(", expected ").append(expected);
      separator = "; ";
    }
  }
  if (finding.last_changed)
    line += " (" + finding.last_changed->file + ":" + std::to_string(finding.last_changed->line) + ")";
  return line;
}

std::string hazards_of(const std::vector<Hazard>& hazards) {
  std::vector<std::string> names;
  names.reserve(hazards.size());
  for (const Hazard hazard : hazards) names.emplace_back(to_string(hazard));
  return join(names, ",");
}

class ScriptText {
 public:
  ScriptText(const CatchUp& found, const ScriptHead& head) : found_(found), head_(head) {
    for (const Finding& finding : head.findings)
      findings_[finding.kind + " " + finding.schema + "." + finding.parent + "." + finding.name] = &finding;
  }

  std::string head(bool is_down) {
    for (const std::string& mark : head_.marks) line(mark);
    line(head_.about + ".");
    tell_repaired(is_down);
    tell_left();
    tell_proof();
    return std::move(text_);
  }

  SectionOptions options(const std::string& guard) const {
    SectionOptions options;
    options.lock_timeout = head_.settings.catch_up.lock_timeout;
    options.transactions = true;
    options.each_transaction = head_.each_transaction;
    options.stops_psql = head_.guarded;
    if (head_.guarded) options.guard = guard;
    options.heading = [this](const PlannedStatement& statement) { return heading(statement); };
    return options;
  }

  // What is left, with what would repair it.
  std::string rest() {
    for (const LeftUnit& left : found_.left) {
      if (!left.chosen || left.rest.empty()) continue;
      text_ += "\n";
      for (const ObjectId& finding : findings_of(left)) line("left: " + name_of(finding));
      line(why(left));
      text_ += as_comments(left.rest);
    }
    return std::move(text_);
  }

 private:
  void line(const std::string& text) { text_ += sql_comment_line(text); }

  const Finding* find(const ObjectId& id) const {
    std::string key(id.kind->name);
    key.append(" ").append(id.schema.view()).append(".").append(id.parent.view()).append(".");
    const auto found = findings_.find(key.append(id.name.view()));
    return found == findings_.end() ? nullptr : found->second;
  }

  // Without those that the report tells as part of another (the old name of what was renamed).
  std::vector<ObjectId> findings_of(const LeftUnit& left) const {
    std::vector<ObjectId> result;
    std::ranges::copy_if(left.findings, std::back_inserter(result),
                         [&](const ObjectId& id) { return find(id); });
    return result.empty() ? left.findings : result;
  }

  std::string name_of(const ObjectId& id) const {
    const Finding* finding = find(id);
    return finding ? told_finding(*finding) + " [" + finding->id + "]" : describe(id);
  }

  std::string heading(const PlannedStatement& statement) const {
    std::vector<std::string> names;
    for (const ObjectId& reason : statement.reasons) names.push_back(describe(reason));
    if (names.empty()) return {};
    constexpr std::size_t most = 3;
    const std::size_t more = names.size() > most ? names.size() - most : 0;
    if (more > 0) names.resize(most);
    return "repairs " + join(names, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
  }

  static std::string why(const LeftUnit& left) {
    return left.why + (left.hazards.empty()
                           ? std::string()
                           : "; --allow-hazards " + hazards_of(left.hazards) + " repairs it");
  }

  void tell_repaired(bool is_down) {
    std::size_t count = 0;
    for (const RepairedUnit& unit : found_.repaired) count += unit.findings.size();
    for (const Renaming& one : found_.renamed)
      line("Renames " + describe(one.from) + " to " + std::string(one.to.name.view()));
    line(is_down                  ? "Takes back the repair of:"
         : count > 0              ? "Repairs:"
         : found_.renamed.empty() ? "Repairs no finding."
                                  : "Repairs no other finding.");
    std::size_t told = 0;
    for (const RepairedUnit& unit : found_.repaired) {
      for (const ObjectId& finding : unit.findings) {
        if (++told <= most_told) line("  " + name_of(finding));
      }
    }
    if (told > most_told) line("  and " + std::to_string(told - most_told) + " more");
  }

  void tell_left() {
    std::size_t told = 0;
    for (const LeftUnit& left : found_.left) {
      if (told++ == 0) line("Leaves:");
      if (told > most_told) continue;
      for (const ObjectId& finding : findings_of(left)) line("  " + name_of(finding));
      line("    " + why(left));
    }
    if (told > most_told) line("  and " + std::to_string(told - most_told) + " more");
  }

  void tell_proof() {
    if (found_.up.statements.empty()) return;
    if (!found_.problems.empty()) return line("Not proven: " + found_.problems.front());
    if (found_.rebuilt == 0) return line("Not proven.");
    if (find_psql().empty()) line("Tried as \"plumbline up\" runs it only: psql was not found.");
    const std::vector<std::string> bare = tables_without_rows();
    if (!bare.empty())
      line("Tried without rows, because those made for it do not fit: " + join(bare, ", ") + ".");
    line("Proven on a copy of the schema (the " + std::to_string(found_.rebuilt) +
         " objects that it touches, needs or may disturb) with made-up rows:");
    const std::string rows = bare.empty() ? "no row is lost" : "no row of the other tables is lost";
    line("afterwards these findings are gone, nothing else differs, and " + rows +
         (head_.guarded ? "; a second run stops or changes nothing." : "."));
    if (head_.guarded && !found_.empty_tables.empty())
      line("Deletes no row: " +
           join(std::vector(found_.empty_tables.begin(), found_.empty_tables.end()), ", ") +
           " had none when this was made, and the script stops if there are some by then.");
  }

  std::vector<std::string> tables_without_rows() const {
    if (found_.without_rows.contains(std::string(every_table))) return {std::string(every_table)};
    std::vector<std::string> bare(found_.without_rows.begin(), found_.without_rows.end());
    const std::set<std::string> touched = touched_tables();
    std::erase_if(bare, [&](const std::string& table) { return !touched.contains(table); });
    return bare;
  }

  std::set<std::string> touched_tables() const {
    std::set<std::string> tables;
    for (const PlannedStatement& statement : found_.up.statements) {
      if (statement.about.kind == nullptr) continue;
      tables.insert(table_of(statement.about));
    }
    return tables;
  }

  const CatchUp& found_;
  const ScriptHead& head_;
  std::map<std::string, const Finding*> findings_;
  std::string text_;
};

constexpr char up_line[] = "-- ============= UP MIGRATION =============\n";
constexpr char down_line[] = "-- ============= DOWN MIGRATION ============\n";

std::string not_taken_back(const CatchUp& found) {
  std::string text;
  for (const Refusal& refusal : found.down.refusals)
    text += "\n" + sql_comment_line("not taken back: " + refusal.why);
  return text;
}

}  // namespace

std::string up_script(const CatchUp& found, const ScriptHead& head) {
  ScriptText text(found, head);
  const Section section = write_section(found.up, text.options(found.up_guard));
  return text.head(false) + (section.transactional ? "" : "-- Transaction: none\n") + up_line + section.text +
         text.rest();
}

std::string down_script(const CatchUp& found, const ScriptHead& head) {
  return ScriptText(found, head).head(true) + down_section(found, head);
}

std::string down_section(const CatchUp& found, const ScriptHead& head) {
  const ScriptText text(found, head);
  return down_line + write_section(found.down, text.options(found.down_guard)).text + not_taken_back(found);
}

std::string write_migration(const CatchUp& found, const ScriptHead& head,
                            const MigrationDirectory& directory) {
  const bool is_own = directory.convention == "plumbline";
  const ScriptHead unmarked{head.findings, head.about,   {},
                            head.settings, head.guarded, head.each_transaction};
  ScriptText text(found, unmarked);
  const SectionOptions options = text.options({});
  const Section up = write_section(found.up, options), down = write_section(found.down, options);
  NewMigration migration;
  migration.name = head.settings.catch_up.name;
  if (is_own) migration.type = "schema";
  migration.header = head.marks;
  if (is_own && !(up.transactional && down.transactional)) migration.header.emplace_back("Transaction: none");
  migration.up = text.head(false) + up.text + text.rest();
  migration.down = down.text + not_taken_back(found);
  migration.location = location_of_new(head.settings, {}, &directory);
  return join(write_new_migration(directory.path, &directory, migration), " and ");
}

}  // namespace plumbline
