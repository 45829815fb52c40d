#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "cli/commands.h"
#include "cli/environment.h"
#include "cli/locate.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/runner_setup.h"
#include "cli/sides.h"
#include "cli/sql.h"
#include "expected/dump.h"
#include "expected/shadow.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/ledger_environment.h"
#include "runner/new_migration.h"
#include "runner/repair.h"
#include "runner/without_ledger.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

constexpr char first_config[] =
    "# What plumbline needs to know; docs/configuration.md says more. The URL of the database is best kept "
    "in\n"
    "# DATABASE_URL, its password in ~/.pgpass or PGPASSWORD.\n"
    "[migrations]\n"
    "path = ";

void write_config(const std::string& path) {
  const std::string file = "plumbline.toml";
  if (fs::exists(file)) {
    log::info(file + " is there already and stays as it is");
    return;
  }
  std::ofstream out(file);
  out << first_config << toml_string(path)
      << "\n\n[runner]\n# ledger_schema = \"plumbline\"\n# lock_timeout = \"5s\"\n";
  if (!out.flush()) throw Error("cannot write \"" + file + "\"", "Check that the folder may be written to.");
  log::info("wrote " + file);
}

bool has_migrations(const std::string& path) {
  return std::ranges::any_of(fs::recursive_directory_iterator(path), [](const fs::directory_entry& entry) {
    return entry.path().extension() == ".sql";
  });
}

// Whether somebody has made anything there. Indexes and sequences of columns come with their tables.
bool has_schema(Connection& live, const std::string& ledger) {
  return live.value(
             "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
             "c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
             "AND c.relkind NOT IN ('i', 'I') AND NOT (n.nspname = $1 AND " +
                 names_own_table("c.relname") +
                 ") AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = "
                 "'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND (d.deptype = 'e' OR "
                 "c.relkind = 'S' AND d.deptype IN ('a', 'i'))))",
             {ledger}) == "t";
}

// Our own SQL is proven, reads like what a person writes and needs no pg_dump. Where there is something that
// it does not make, pg_dump's has to do.
std::string sql_of_live(const Settings& settings, int major) {
  OwnLedger own;
  try {
    SymbolTable symbols;
    std::string user;
    const Snapshot schema = read_live(settings.url, [&](LiveSide& live) {
      user = live.connection().user();
      own = own_ledger(live.connection());
      return without_ledger(live.capture(symbols, false, true), own);
    });
    return sql_that_makes(schema, symbols, settings, user);
  } catch (const Error& error) {
    if (error.sqlstate() == "08006" || own.schemas_alone.size() < own.schemas.size()) throw;
    log::info("the first migration is written by pg_dump, because plumbline's own SQL does not make all: " +
              error.message());
  }
  std::vector<std::string> arguments;
  for (const std::string& schema : own.schemas_alone)
    arguments.push_back("--exclude-schema=" + quote_identifier(schema));
  return dump_schema(choose_pg_dump(major), settings.url, arguments);
}

// The first migration makes what is there.
void write_first_migration(const Settings& settings, int major, const std::string& path) {
  const std::string& convention = settings.migrations.convention;
  const NewMigration first{.name = "initial",
                           .type = convention.empty() || convention == "plumbline" ? "schema" : "",
                           .phase = "",
                           .description = "What was there when plumbline came",
                           .up = sql_of_live(settings, major),
                           .down = "",
                           .irreversible = "there is nothing before it"};
  for (const std::string& file :
       write_new_migration(path, nullptr, first, convention.empty() ? "plumbline" : convention))
    log::info("wrote " + file);
}

// By a URL, or as psql would have it.
bool names_database(const Settings& settings) {
  constexpr std::array variables = {"PGSERVICE", "PGHOST", "PGHOSTADDR", "PGDATABASE"};
  return !settings.url.empty() || std::ranges::any_of(variables, [](const char* name) {
    return environment_variable(name).has_value();
  });
}

void set_up_ledger(const Settings& settings, const RunnerFlags& flags, bool first_from_live) {
  RunnerFlags rest = flags;
  rest.import = flags.import && !first_from_live;
  rest.arguments.clear();
  if (first_from_live) rest.arguments = {"head"};
  if (first_from_live || flags.import) {
    run_baseline(settings, rest);
  } else {
    MigrationDirectory none;
    const RunnerOptions options = runner_options(settings, flags);
    RunnerTalk talk(none, options);
    Runner runner(none, options, "", connector(settings), talk.listener());
    refuse_other_environment(runner.connection(), options.ledger_schema, settings.environment);
    runner.lease();
    remember_environment(runner.connection(), runner.ledger(), options.ledger_schema, settings.environment);
  }
  log::info("the ledger is in schema \"" + settings.runner.ledger_schema + "\"");
}

}  // namespace

int run_init(const Settings& given, const RunnerFlags& flags) {
  Settings settings = given;
  settings.migrations.path = new_migrations_path(given);
  const std::string& path = settings.migrations.path;
  write_config(path);
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed) throw Error("cannot make the folder \"" + path + "\": " + failed.message());
  if (!names_database(settings)) {
    log::info("no database was named: the ledger is made by the first \"plumbline up\"");
    log::info("\"plumbline new NAME\" makes the first migration");
    return 0;
  }
  const std::unique_ptr<Connection> live = connector(settings)();
  const bool first_from_live = !has_migrations(path) && has_schema(*live, settings.runner.ledger_schema);
  if (first_from_live) write_first_migration(settings, live->version(), path);
  if (flags.ledger || flags.import) {
    set_up_ledger(settings, flags, first_from_live);
  } else {
    log::info(first_from_live
                  ? "the database was only read; record there that the first migration is applied:\n"
                    "  plumbline baseline head"
                  : "the database was only read: the ledger is made by the first \"plumbline up\"");
  }
  return 0;
}

}  // namespace plumbline
