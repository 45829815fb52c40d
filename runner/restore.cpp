#include "runner/restore.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <system_error>

#include "expected/shadow.h"
#include "postgres/error.h"
#include "postgres/interrupt.h"
#include "postgres/text.h"
#include "runner/ledger_rows.h"
#include "runner/safeguards.h"

namespace plumbline {
namespace {

constexpr std::string_view dump_ending = ".dump";
constexpr std::size_t longest_name = 63;  // bytes; the server cuts longer ones
constexpr std::string_view in_use = "55006";

// "20250121_093000", which stands before the ending of the backups that the runner makes; empty: no such
// name.
std::string moment_of(const std::string& file, const std::string& database) {
  std::string name = std::filesystem::path(file).filename();
  if (!name.starts_with(database + "_") || !name.ends_with(dump_ending)) return {};
  name = name.substr(database.size() + 1, name.size() - database.size() - 1 - dump_ending.size());
  const std::size_t length = 15;
  const bool fits = name.size() >= length && name.find_first_not_of("0123456789_") == name.npos &&
                    name[8] == '_' && (name.size() == length || name[length] == '_');
  return fits ? name : "";
}

std::string shown_moment(const std::string& moment) {
  if (moment.empty()) return {};
  return moment.substr(0, 4) + "-" + moment.substr(4, 2) + "-" + moment.substr(6, 2) + " " +
         moment.substr(9, 2) + ":" + moment.substr(11, 2) + ":" + moment.substr(13, 2) + " UTC";
}

std::string name_beside(const std::string& database, const std::string& word) {
  const std::string ending = "_" + word + "_" + moment_now();
  return database.substr(0, std::min(database.size(), longest_name - ending.size())) + ending;
}

// CREATE DATABASE with what the database $1 has of its own, as $2. Keys of later versions are absent, not
// unknown.
constexpr char create_like[] =
    "SELECT pg_catalog.format('CREATE DATABASE %I TEMPLATE template0 OWNER %I ENCODING %L LC_COLLATE %L "
    "LC_CTYPE "
    "%L TABLESPACE %I', $2::text, pg_catalog.pg_get_userbyid(d.datdba), "
    "pg_catalog.pg_encoding_to_char(d.encoding), "
    "d.datcollate, d.datctype, t.spcname) || CASE j->>'datlocprovider' "
    "WHEN 'i' THEN pg_catalog.format(' LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(j->>'datlocale', "
    "j->>'daticulocale')) || coalesce(pg_catalog.format(' ICU_RULES %L', j->>'daticurules'), '') "
    "WHEN 'b' THEN pg_catalog.format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', j->>'datlocale') "
    "ELSE '' END FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace, "
    "pg_catalog.to_jsonb(d) j WHERE d.datname = $1";

// Statements that give the database $2 the settings, privileges, comment and limit of $1. Settings that are
// lists are kept as SQL has them.
constexpr char dress_like[] =
    "WITH d AS (SELECT * FROM pg_catalog.pg_database WHERE datname = $1) "
    "SELECT pg_catalog.format(CASE s.setrole WHEN 0 THEN 'ALTER DATABASE %2$I SET %3$I TO %4$s' ELSE 'ALTER "
    "ROLE "
    "%1$I IN DATABASE %2$I SET %3$I TO %4$s' END, pg_catalog.pg_get_userbyid(s.setrole), $2::text, "
    "pg_catalog.split_part(c, '=', 1), CASE WHEN v.value <> '' AND pg_catalog.split_part(c, '=', 1) IN "
    "('search_path', 'local_preload_libraries', 'session_preload_libraries', 'temp_tablespaces') THEN "
    "v.value ELSE "
    "pg_catalog.quote_literal(v.value) END) FROM d JOIN pg_catalog.pg_db_role_setting s ON s.setdatabase = "
    "d.oid, "
    "pg_catalog.unnest(s.setconfig) c, LATERAL (SELECT pg_catalog.substr(c, pg_catalog.strpos(c, '=') + 1) "
    "AS value) "
    "v UNION ALL "
    "SELECT pg_catalog.format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $2::text) FROM d WHERE d.datacl IS "
    "NOT NULL "
    "UNION ALL "
    "SELECT pg_catalog.format('GRANT %s ON DATABASE %I TO %s', a.privilege_type, $2::text, CASE a.grantee "
    "WHEN 0 "
    "THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END) || CASE WHEN "
    "a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END FROM d, pg_catalog.aclexplode(d.datacl) a "
    "UNION ALL "
    "SELECT pg_catalog.format('COMMENT ON DATABASE %I IS %L', $2::text, pg_catalog.shobj_description(d.oid, "
    "'pg_database')) FROM d WHERE pg_catalog.shobj_description(d.oid, 'pg_database') IS NOT NULL UNION ALL "
    "SELECT pg_catalog.format('ALTER DATABASE %I CONNECTION LIMIT %s', $2::text, d.datconnlimit) FROM d "
    "WHERE "
    "d.datconnlimit >= 0";

std::set<std::string> applied_versions(Connection& connection, const std::string& ledger_schema) {
  std::set<std::string> versions;
  for (const auto& [version, entry] : read_entries(connection, ledger_schema)) {
    if (entry.state == "applied") versions.insert(version);
  }
  return versions;
}

std::vector<std::string> without(const std::set<std::string>& these, const std::set<std::string>& others) {
  std::vector<std::string> rest;
  std::ranges::set_difference(these, others, std::back_inserter(rest));
  return rest;
}

class Restorer {
 public:
  Restorer(const RestoreRequest& request, const RunnerOptions& options)
      : request_(request), options_(options) {}

  Restored run() {
    find_out();
    check_archive();
    if (request_.in_place && !request_.disconnect) refuse_sessions();
    const std::string made = request_.into.empty() ? name_beside(database_, "restored") : request_.into;
    create(made);
    try {
      fill(made);
      if (request_.in_place) swap(made);
    } catch (const Error&) {
      drop(made);
      throw;
    }
    result_.database = request_.in_place ? database_ : made;
    return result_;
  }

 private:
  std::string conninfo_of(const std::string& database) const {
    return with_parameter(request_.conninfo, "dbname", database);
  }

  // Nobody may be connected to a database that is renamed, and neither may we.
  void find_out() {
    const std::unique_ptr<Connection> live = connect({.conninfo = request_.conninfo});
    database_ = live->database();
    version_ = live->version();
    before_ = applied_versions(*live, options_.ledger_schema);
    result_.file = request_.file.empty() ? newest_backup(options_, database_) : request_.file;
    result_.made = shown_moment(moment_of(result_.file, database_));
    try {
      server_ = connect({.conninfo = conninfo_of(database_ == "postgres" ? "template1" : "postgres")});
    } catch (const Error&) {
      server_ = connect({.conninfo = conninfo_of("template1")});
    }
  }

  void create(const std::string& made) const {
    try {
      server_->execute(*server_->value(create_like, {database_, made}));
    } catch (const Error& error) {
      throw Error("the database \"" + made + "\" cannot be created: " + error.message(),
                  "Nothing was changed. It needs a role with CREATEDB and a name that is free: --into NAME",
                  error.report());
    }
  }

  Outcome pg_restore(std::vector<std::string> more, const std::string& database) const {
    const std::filesystem::path program = choose_pg_dump(version_).parent_path() / "pg_restore";
    more.insert(more.begin(), program.string());
    return run_beside(std::move(more), for_other_program(conninfo_of(database)), database);
  }

  void check_archive() const {
    std::error_code failed;
    if (!std::filesystem::exists(result_.file, failed))
      throw Error("there is no backup \"" + result_.file + "\"", "Name the file that the backup is in.");
    const Outcome outcome = pg_restore({"--list", result_.file}, database_);
    if (outcome.exit_code != 0)
      throw Error(
          "\"" + result_.file + "\" is no backup that can be restored: " + last_line(outcome.output),
          "Nothing was changed. A backup is what pg_dump writes with --format=custom, directory or tar.");
  }

  void fill(const std::string& made) {
    const OutsideConninfo outside = for_other_program(conninfo_of(made));
    const Outcome outcome =
        pg_restore({"--exit-on-error", "--no-password", "--dbname", outside.conninfo, result_.file}, made);
    if (outcome.exit_code != 0)
      throw Error("the backup could not be restored: " + last_line(outcome.output),
                  "\"" + database_ +
                      "\" was not changed. The whole message: pg_restore --exit-on-error --file=- " +
                      shell_word(result_.file));
    const std::unique_ptr<Connection> restored = connect({.conninfo = conninfo_of(made)});
    const std::set<std::string> then = applied_versions(*restored, options_.ledger_schema);
    result_.lost = without(before_, then);
    result_.applied_again = without(then, before_);
    std::vector<std::string> statements;
    server_->query(dress_like, {database_, made}, [&](const Row& row) { statements.emplace_back(row[0]); });
    for (const std::string& statement : statements) server_->execute(statement);
  }

  std::string sessions() const {
    return server_
        ->value(
            "SELECT pg_catalog.string_agg(DISTINCT coalesce(nullif(application_name, ''), 'unnamed') || ' as "
            "' "
            "|| coalesce(usename, '?'), ', ') FROM pg_catalog.pg_stat_activity WHERE datname = $1",
            {database_})
        .value_or("");
  }

  void refuse_sessions() const {
    const std::string others = sessions();
    if (others.empty()) return;
    throw Error("others are connected to \"" + database_ + "\": " + others,
                "Nothing was changed. Stop them; or end their sessions with --disconnect.");
  }

  // Both names change in one transaction. Sessions that are to be ended may come again until the lock is
  // there.
  void swap(const std::string& made) {
    const std::string old = name_beside(database_, "replaced");
    note(made, old);
    for (int tries = request_.disconnect ? 5 : 1;; --tries) {
      try {
        if (request_.disconnect)
          server_->execute(
              "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE "
              "datname = " +
              quote_literal(database_));
        server_->execute("BEGIN; ALTER DATABASE " + quote_identifier(database_) + " RENAME TO " +
                         quote_identifier(old) + "; ALTER DATABASE " + quote_identifier(made) +
                         " RENAME TO " + quote_identifier(database_) + "; COMMIT");
        break;
      } catch (const Error& error) {
        const interrupt::Shield shield;
        if (server_->in_transaction()) server_->execute("ROLLBACK");
        if (error.sqlstate() != in_use || tries == 1) throw;
      }
    }
    result_.replaced = old;
  }

  // In the ledger that is to be the one of live. The backup also has the lease of the run that made it.
  void note(const std::string& made, const std::string& old) const {
    const std::unique_ptr<Connection> restored = connect({.conninfo = conninfo_of(made)});
    const LedgerWriter ledger(options_.ledger_schema);
    if (restored->value("SELECT pg_catalog.to_regclass($1) IS NULL", {ledger.table("migration_history")}) ==
        "t")
      return;
    restored->execute("DELETE FROM " + ledger.table("migration_locks"));
    restored->execute(ledger.event({.action = "restored",
                                    .reason = request_.reason,
                                    .details = result_.file + "; before: database " + old}));
  }

  void drop(const std::string& made) const {
    const interrupt::Shield shield;
    try {
      server_->execute("DROP DATABASE IF EXISTS " + quote_identifier(made));
    } catch (const Error&) {  // what led here is the better message
    }
  }

  const RestoreRequest& request_;
  const RunnerOptions& options_;
  interrupt::Orderly orderly_;  // a signal makes us drop what is half restored
  std::string database_;
  int version_ = 0;
  std::set<std::string> before_;
  std::unique_ptr<Connection> server_;
  Restored result_;
};

}  // namespace

std::string newest_backup(const RunnerOptions& options, const std::string& database) {
  const std::string& directory = options.backup_directory;
  std::string newest;
  std::error_code failed;
  for (const auto& file : std::filesystem::directory_iterator(directory.empty() ? "." : directory, failed)) {
    if (!directory.empty() && !moment_of(file.path(), database).empty())
      newest = std::max(newest, file.path().string());
  }
  if (!newest.empty()) return newest;
  throw Error(
      "no backup of \"" + database + "\" is known" +
          (directory.empty() ? ": runner.backup_directory is not set" : ": \"" + directory + "\" has none"),
      options.backup_command.empty()
          ? "Name the file: plumbline restore FILE"
          : "What runner.backup_command made is restored by its own tool; or, when pg_dump wrote it: "
            "plumbline restore FILE");
}

Restored restore_backup(const RestoreRequest& request, const RunnerOptions& options) {
  return Restorer(request, options).run();
}

}  // namespace plumbline
