#include "catchup/section.h"

#include <algorithm>
#include <set>
#include <string>

#include "migrations/splitter.h"
#include "postgres/text.h"
#include "postgres/visible.h"

namespace plumbline {

namespace {

std::string names_of(const std::vector<Hazard>& hazards, const std::string& separator) {
  std::vector<std::string> names;
  names.reserve(hazards.size());
  for (const Hazard hazard : hazards) names.emplace_back(to_string(hazard));
  return join(names, separator);
}

std::string comments_of(const PlannedStatement& statement) {
  std::string text;
  if (!statement.hazards.empty()) text += sql_comment_line("hazards: " + names_of(statement.hazards, ", "));
  const Effect& effect = statement.effect;
  std::vector<std::string> seen;
  for (const Effect::Lock& lock : effect.locks) seen.push_back(lock.mode + " on " + lock.relation);
  if (!seen.empty()) text += sql_comment_line("locks: " + join(seen, ", "));
  if (!effect.rewritten.empty()) text += sql_comment_line("rewrites: " + join(effect.rewritten, ", "));
  if (!effect.scanned.empty()) text += sql_comment_line("scans: " + join(effect.scanned, ", "));
  return text;
}

class Writer {
 public:
  Writer(const CatchUpPlan& plan, const SectionOptions& options) : plan_(plan), options_(options) {}

  Section write() {
    for (const PlannedStatement& statement : plan_.statements) {
      if (statement.transaction != Transaction::shared) section_.transactional = false;
    }
    if (!plan_.statements.empty()) write_settings();
    for (std::size_t i = 0; i < plan_.statements.size(); ++i) write_statement(i);
    end_transaction();
    return std::move(section_);
  }

 private:
  void control(const std::string& sql) {
    section_.text += sql + ";\n";
    section_.statements.push_back(Section::control);
  }

  void write_settings() {
    if (options_.stops_psql) section_.text += "\\set ON_ERROR_STOP on\n";
    if (!options_.guard.empty()) control(options_.guard);
    if (!options_.lock_timeout.empty()) control("SET lock_timeout = " + quote_literal(options_.lock_timeout));
    // Names are written out in full; bodies of functions may name what comes later.
    control("SET search_path = ''");
    control("SET check_function_bodies = off");
  }

  void write_statement(std::size_t place) {
    const PlannedStatement& statement = plan_.statements[place];
    if (statement.transaction == Transaction::shared) {
      begin_transaction(place);
    } else {
      end_transaction();
    }
    const bool alone = options_.each_transaction && !open_ && allows_transaction(statement);
    if (alone) control("\nBEGIN");
    const bool waits = statement.transaction == Transaction::none && !options_.lock_timeout.empty();
    section_.text += '\n';
    write_heading(statement);
    section_.text += comments_of(statement);
    // It waits for the transactions of others and lets them read and write; cut short it leaves half of its
    // work.
    if (waits) {
      section_.text += sql_comment_line(
          "waits for older transactions, as long as it takes; others read and write meanwhile");
      control("SET lock_timeout = 0");
    }
    if (!options_.guard.empty() && !statement.empty_table.empty()) insist_on_empty(statement);
    section_.text += statement.sql + ";\n";
    section_.statements.push_back(place);
    if (alone) control("COMMIT");
    if (waits) control("SET lock_timeout = " + quote_literal(options_.lock_timeout));
  }

  // In the transaction of the statement that would lose them, behind a lock that keeps new rows out.
  void insist_on_empty(const PlannedStatement& statement) {
    const std::string& table = statement.empty_table;
    if (!locked_.insert(table).second) return;
    section_.text += sql_comment_line("deletes no row: " + table + " had none, and still must have none");
    control(
        "DO " +
        dollar_quoted(
            "\nDECLARE\n  before text := pg_catalog.current_setting('row_security');\n" +
            std::string(statement.has_foreign_parts ? "  stored regclass;\n" : "") +
            "  has_rows boolean := false;\nBEGIN\n  LOCK TABLE " + table +
            " IN ACCESS EXCLUSIVE MODE;\n"
            "  PERFORM pg_catalog.set_config('row_security', 'off', true);\n" +
            (statement.has_foreign_parts ? look_at_stored(table)
                                         : "  has_rows := EXISTS (SELECT FROM " + table + ");\n") +
            "  IF has_rows THEN\n    RAISE EXCEPTION '% has rows by now, which would be lost', " +
            quote_literal(table) +
            "\n      USING HINT = 'This transaction is rolled back. Make the script anew with \"plumbline "
            "catchup\".';\n  END IF;\n  PERFORM pg_catalog.set_config('row_security', before, true);\nEND "));
  }

  // Rows elsewhere are not read.
  static std::string look_at_stored(const std::string& table) {
    return "  FOR stored IN WITH RECURSIVE below AS (SELECT " + quote_literal(table) +
           "::regclass::oid AS oid UNION\n"
           "      SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN below b ON i.inhparent = b.oid)\n"
           "      SELECT c.oid FROM below b JOIN pg_catalog.pg_class c ON c.oid = b.oid WHERE c.relkind IN "
           "('r', 'm')\n"
           "  LOOP\n"
           "    EXECUTE pg_catalog.format('SELECT %L OR EXISTS (SELECT FROM ONLY %s)', has_rows, stored) "
           "INTO "
           "has_rows;\n"
           "  END LOOP;\n";
  }

  static bool allows_transaction(const Statement& statement) {
    return statement.transaction != Transaction::none ||
           std::ranges::all_of(split_sql(statement.sql, "a statement"), &SqlStatement::in_transaction);
  }

  void begin_transaction(std::size_t place) {
    if (!options_.transactions || open_) return;
    // One statement is a transaction by itself.
    const bool is_last = place + 1 == plan_.statements.size();
    const bool is_checked = !options_.guard.empty() && !plan_.statements[place].empty_table.empty();
    if (!is_checked && (is_last || plan_.statements[place + 1].transaction != Transaction::shared)) return;
    section_.text += '\n';
    control("BEGIN");
    open_ = true;
  }

  void end_transaction() {
    if (!open_) return;
    section_.text += '\n';
    control("COMMIT");
    open_ = false;
    locked_.clear();
  }

  void write_heading(const PlannedStatement& statement) {
    if (!options_.heading) return;
    std::string heading = options_.heading(statement);
    if (heading == heading_) return;
    heading_ = std::move(heading);
    if (!heading_.empty()) section_.text += sql_comment_line(heading_);
  }

  const CatchUpPlan& plan_;
  const SectionOptions& options_;
  Section section_;
  std::string heading_;
  bool open_ = false;             // a transaction
  std::set<std::string> locked_;  // the tables that it has found empty
};

}  // namespace

Section write_section(const CatchUpPlan& plan, const SectionOptions& options) {
  return Writer(plan, options).write();
}

std::string as_comments(const std::vector<PlannedStatement>& statements) {
  std::string text;
  for (const PlannedStatement& statement : statements)
    text += comments_of(statement) + sql_comment(statement.sql + ";");
  return text;
}

}  // namespace plumbline
