#include "migrations/mark_applied.h"

#include <algorithm>

#include "migrations/convention.h"
#include "migrations/ledger.h"
#include "migrations/ledger_table.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

struct Hole {
  std::string_view name;
  std::string value;
};

// In one pass: a value may hold what looks like a hole.
std::string filled(std::string_view text, const std::vector<Hole>& holes) {
  std::string result;
  while (!text.empty()) {
    const auto hole =
        std::ranges::find_if(holes, [&](const Hole& one) { return text.starts_with(one.name); });
    if (hole == holes.end()) {
      result += text.front();
      text.remove_prefix(1);
    } else {
      result += hole->value;
      text.remove_prefix(hole->name.size());
    }
  }
  return result;
}

std::string name_in_words(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::vector<Hole> holes_of(const Migration& migration, const LedgerTable& table) {
  const std::string& file = migration.file;
  const std::string checksum =
      table.rules.checksum != nullptr ? table.rules.checksum(migration) : std::string();
  return {{"{table}", quote_qualified(table.schema, table.name)},
          {"{version}", quote_literal(migration.version)},
          {"{name}", quote_literal(migration.name)},
          {"{description}", quote_literal(name_in_words(migration.name))},
          {"{file}", quote_literal(file.substr(file.rfind('/') + 1))},
          {"{path}", quote_literal(file)},
          {"{checksum}", quote_literal(checksum)}};
}

std::vector<std::string> statements_for(std::string_view pattern, const Migration& migration,
                                        const LedgerTable& table) {
  const std::vector<Hole> holes = holes_of(migration, table);
  std::vector<std::string> statements;
  while (!pattern.empty()) {
    const std::size_t end = std::min(pattern.find(";;"), pattern.size());
    statements.push_back(filled(pattern.substr(0, end), holes));
    pattern.remove_prefix(std::min(end + 2, pattern.size()));
  }
  return statements;
}

// Of what a shell would not read as one plain word there is no command.
std::string command_for(std::string_view command, const Migration& migration) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (migration.version.starts_with('-') || !std::ranges::all_of(migration.version, is_plain)) return {};
  return filled(command, {{"{version}", migration.version}});
}

std::size_t place_of(const MigrationDirectory& directory, std::string_view version) {
  const auto found = std::ranges::find(directory.migrations, version, &Migration::version);
  if (found == directory.migrations.end()) {
    throw Error("no migration in \"" + directory.path + "\" has the version \"" + std::string(version) + "\"",
                "Name the version as \"plumbline list\" shows it.");
  }
  return static_cast<std::size_t>(found - directory.migrations.begin());
}

// Empty: it may be marked.
std::string refusal_of(const LedgerTable& table, const Applied& applied, const MigrationDirectory& directory,
                       std::size_t place) {
  const Marking& marking = table.rules.marking;
  if (std::ranges::find(applied.applied, place) != applied.applied.end())
    return "The ledger " + table.shown() + " has it already.";
  if (!applied.failed.empty())
    return "The ledger " + table.shown() +
           " has failed or half done migrations: " + join(applied.failed, ", ") + ".";
  if (directory.migrations[place].repeatable)
    return "A repeatable migration has no row of its own kind to write.";
  const bool skips = !applied.pending.empty() && applied.pending.front() < place;
  if (marking.all_before && skips) {
    return "The ledger " + table.shown() + " remembers the last version only, so that " +
           directory.migrations[applied.pending.front()].file +
           ", which is pending, would count as applied, too. "
           "Apply it first.";
  }
  if (marking.sql.empty())
    return "Only " + table.tool + " itself can write its ledger " + table.shown() + ".";
  return {};
}

}  // namespace

MarkApplied how_to_mark_applied(Connection& connection, const MigrationDirectory& directory,
                                const MigrationOptions& options, std::string_view version) {
  const std::size_t place = place_of(directory, version);
  MarkApplied mark{.tool = directory.convention};
  const Convention* convention = find_convention(directory.convention);
  if (convention == nullptr) {
    mark.refusal = "How the ledger of a custom convention is written is not known.";
    return mark;
  }
  const auto table = find_ledger(connection, *convention, options);
  if (!table) {
    mark.refusal = "The database has no ledger of " + mark.tool + " yet.";
    return mark;
  }
  mark.tool = table->tool;
  mark.table = table->shown();
  if (table->rules.is_own) {
    mark.refusal = "The ledger is plumbline's own.";
    return mark;
  }
  const Migration& migration = directory.migrations[place];
  mark.refusal = refusal_of(*table, read_ledger(connection, directory, options), directory, place);
  const Marking& marking = table->rules.marking;
  if (mark.refusal.empty() || marking.sql.empty()) mark.command = command_for(marking.command, migration);
  if (!mark.refusal.empty()) return mark;
  mark.sql = statements_for(marking.sql, migration, *table);
  return mark;
}

std::string mark_applied_text(const MarkApplied& mark) {
  std::string text;
  if (!mark.refusal.empty()) text += mark.refusal + "\n";
  if (!mark.command.empty()) text += "Run: " + mark.command + "\n";
  if (!mark.sql.empty()) text += std::string(mark.command.empty() ? "Run" : "Or run") + " on the database:\n";
  for (const std::string& sql : mark.sql) text += "  " + sql + ";\n";
  return text;
}

void mark_applied(Connection& connection, const MigrationDirectory& directory,
                  const MigrationOptions& options, std::string_view version) {
  const std::size_t place = place_of(directory, version);
  connection.execute("BEGIN");
  try {
    const MarkApplied mark = how_to_mark_applied(connection, directory, options, version);
    if (mark.sql.empty())
      throw Error("cannot mark " + std::string(version) + " as applied", mark_applied_text(mark));
    const Applied before = read_ledger(connection, directory, options);
    for (const std::string& sql : mark.sql) connection.execute(sql);
    Applied after = read_ledger(connection, directory, options);
    const bool is_in = std::erase(after.applied, place) == 1;
    if (!is_in || after.applied != before.applied || !after.failed.empty() ||
        std::ranges::find(after.edited, place) != after.edited.end()) {
      throw Error(
          "the ledger " + mark.table + " does not show " + std::string(version) + " as applied afterwards",
          "Mark it with " + mark.tool + " itself.");
    }
    connection.execute("COMMIT");
  } catch (...) {
    connection.execute("ROLLBACK");
    throw;
  }
}

namespace {

LedgerTable table_to_keep(Connection& connection, const MigrationDirectory& directory,
                          const MigrationOptions& options, std::string_view tool) {
  const std::string leave = " or take keep_ledger_of out of [runner] in plumbline.toml.";
  const Convention* convention = find_convention(tool);
  if (convention == nullptr || directory.convention != tool) {
    throw Error("keep_ledger_of is \"" + std::string(tool) + "\", but the migrations in \"" + directory.path +
                    "\" are read as those of " + directory.convention,
                "Say --convention " + shell_word(std::string(tool)) + leave);
  }
  const auto table = find_tool_ledger(connection, *convention, options);
  if (!table || table->rules.is_own) {
    throw Error("the database has no ledger of " + std::string(tool) + " that could be kept",
                "Let " + std::string(tool) + " create it," + leave);
  }
  if (table->rules.marking.sql.empty() || table->rules.marking.undo.empty()) {
    throw Error(
        "the ledger " + table->shown() + " cannot be kept: only " + table->tool + " itself can write it",
        "Take keep_ledger_of out of [runner] in plumbline.toml.");
  }
  return *table;
}

}  // namespace

KeptLedger::KeptLedger(Connection& connection, const MigrationDirectory& directory,
                       const MigrationOptions& options, std::string_view tool,
                       const std::vector<std::size_t>& applied)
    : directory_(directory),
      options_(options),
      ours_(applied),
      table_(table_to_keep(connection, directory, options, tool)) {
  const Applied now = read_tool_ledger(connection, directory_, options_);
  known_.insert(now.applied.begin(), now.applied.end());
  std::vector<std::string> strange = now.failed;
  for (const std::size_t place : now.applied) {
    if (std::ranges::find(ours_, place) == ours_.end())
      strange.push_back(directory_.migrations[place].version);
  }
  if (strange.empty()) return;
  throw Error(
      "the ledger " + table() + " has versions that plumbline has not applied: " + join(strange, ", "),
      "Record each with \"plumbline baseline VERSION\" once it is known to be applied.");
}

std::vector<std::size_t> KeptLedger::missing() const {
  std::vector<std::size_t> places;
  std::ranges::copy_if(ours_, std::back_inserter(places), [&](std::size_t place) {
    return !known_.contains(place) && !directory_.migrations[place].repeatable;
  });
  return places;
}

std::string KeptLedger::sql(std::size_t place, bool down) const {
  if (known_.contains(place) != down || directory_.migrations[place].repeatable) return {};
  const Marking& marking = table_.rules.marking;
  std::string_view pattern = down ? marking.undo : marking.sql;
  std::size_t subject = place;
  if (marking.last_alone) {
    std::set<std::size_t> then = known_;
    down ? (void)then.erase(place) : (void)then.insert(place);
    // From the first on without a gap: the row can say nothing else.
    if (!then.empty() && *then.rbegin() + 1 != then.size()) {
      throw Error("the ledger " + table() + " names the last version alone, and cannot say that " +
                      directory_.migrations[place].version + (down ? " is taken back" : " is applied") +
                      " beside what is before or behind it",
                  "Apply and take back in order, or take keep_ledger_of out of [runner] in plumbline.toml.");
    }
    pattern = then.empty() ? marking.undo : marking.sql;
    if (!then.empty()) subject = *then.rbegin();
  }
  std::string sql;
  for (const std::string& one : statements_for(pattern, directory_.migrations[subject], table_))
    sql += one + "; ";
  return sql;
}

void KeptLedger::read(Connection& connection) {
  const Applied now = read_tool_ledger(connection, directory_, options_);
  known_ = {now.applied.begin(), now.applied.end()};
}

void KeptLedger::confirm(Connection& connection, std::size_t place, bool down) {
  read(connection);
  if (known_.contains(place) != down || directory_.migrations[place].repeatable) return;
  throw Error("the ledger " + table() + " does not say that " + directory_.migrations[place].version +
                  (down ? " is taken back" : " is applied"),
              "Look at the table: a trigger, a rule or another program may have changed the row.");
}

}  // namespace plumbline
