#include "runner/ledger_schema.h"

#include <cstdlib>

#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/ledger_rows.h"
#include "runner/ledger_sql.h"

namespace plumbline {
namespace {

// Who may not make a ledger is told what an administrator can do about it.
Error no_rights(const Error& error, Connection& connection, const std::string& schema) {
  return {"the role \"" + connection.user() + "\" may not make the ledger: " + error.message(),
          "An administrator can run: CREATE SCHEMA " + quote_identifier(schema) + " AUTHORIZATION " +
              quote_identifier(connection.user()) + ";",
          error.report()};
}

void install(Connection& connection, const std::string& schema, const LedgerForm& form) {
  connection.execute(
      "BEGIN; SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL search_path = pg_catalog; "
      "SET LOCAL statement_timeout = 0; SET LOCAL check_function_bodies = on; "
      "SET LOCAL default_tablespace = ''; SET LOCAL client_min_messages = warning");
  if (!form.schema_exists) connection.execute("CREATE SCHEMA " + quote_identifier(schema));
  for (const std::string& step : ledger_upgrade(form.ledger_exists ? form.version : 0, schema)) {
    connection.execute(step);
  }
  connection.execute(
      "INSERT INTO " + quote_identifier(schema) +
          ".migration_history (action, client, plumbline_version, details) VALUES ($1, $2, $3, $4)",
      {form.ledger_exists ? "ledger_upgraded" : "ledger_created", client_name(), PLUMBLINE_VERSION,
       "ledger version " + std::to_string(ledger_version)});
  connection.execute("COMMIT");
}

}  // namespace

LedgerForm ledger_form(Connection& connection, std::string_view schema) {
  LedgerForm form;
  connection.query(
      "SELECT (SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid), "
      "EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid "
      "AND c.relname = 'schema_migrations' AND c.relkind IN ('r', 'p')), "
      "(SELECT pg_catalog.regexp_replace(p.prosrc, '[^0-9]', '', 'g') FROM pg_catalog.pg_proc p "
      "WHERE p.pronamespace = n.oid AND p.proname = 'ledger_version') "
      "FROM pg_catalog.pg_namespace n WHERE n.nspname = $1",
      {std::string(schema)}, [&](const Row& row) {
        form.schema_exists = true;
        form.ledger_exists = row[1] == "t";
        form.version = std::atoi(std::string(row[2]).c_str());
        form.foreign = row[0] != "0" && !form.ledger_exists;
      });
  return form;
}

void refuse_unknown_ledger(const LedgerForm& form, const std::string& schema) {
  if (form.version > ledger_version) {
    throw Error("the ledger in schema \"" + schema + "\" has version " + std::to_string(form.version) +
                    ", this plumbline knows " + std::to_string(ledger_version),
                "Use the plumbline that made it, or a newer one.");
  }
  if (form.foreign) {
    throw Error("the schema \"" + schema + "\" holds tables, but no ledger",
                "Name another schema for the ledger with runner.ledger_schema in plumbline.toml.");
  }
}

void install_ledger(Connection& connection, const std::string& schema) {
  const LedgerForm form = ledger_form(connection, schema);
  refuse_unknown_ledger(form, schema);
  if (form.ledger_exists && form.version == ledger_version) return;
  if (schema == "public") {
    throw Error("the ledger needs a schema of its own, not \"public\"",
                "Name another with runner.ledger_schema in plumbline.toml; the default is \"plumbline\".");
  }
  try {
    install(connection, schema, form);
  } catch (Error& error) {
    if (connection.in_transaction()) connection.execute("ROLLBACK");
    if (error.sqlstate() == "42501") throw no_rights(error, connection, schema);
    error.during("making the ledger in schema \"" + schema + "\"");
    throw;
  }
}

}  // namespace plumbline
