#include "runner/ledger_schema.h"

#include <cstdlib>

#include "migrations/own_ledger.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/ledger_rows.h"
#include "runner/ledger_sql.h"

namespace plumbline {
namespace {

// Who may not make a ledger is told what an administrator can do about it.
Error no_rights(const Error& error, Connection& connection, const std::string& schema, bool exists) {
  const std::string s = quote_identifier(schema), role = quote_identifier(connection.user());
  return {"the role \"" + connection.user() + "\" may not make the ledger: " + error.message(),
          "An administrator can run: " + (exists ? "GRANT USAGE, CREATE ON SCHEMA " + s + " TO " + role + ";"
                                                 : "CREATE SCHEMA " + s + " AUTHORIZATION " + role + ";"),
          error.report()};
}

// The first of our tables and functions in the schema $1 by which code of somebody without a right to it
// would run with our rights.
std::string doubt_sql() {
  const std::string tables = names_own_table("c.relname");
  const std::string belongs = "|| '\" belongs to the role \"' || pg_catalog.pg_get_userbyid(";
  return "SELECT 'table \"' || c.relname || '\" is not a plain table' AS doubt FROM pg_catalog.pg_class c, n "
         "WHERE c.relnamespace = n.oid AND c.relkind IN ('v', 'm', 'f') AND " +
         tables + " UNION ALL SELECT 'table \"' || c.relname " + belongs +
         "c.relowner) || '\"' FROM pg_catalog.pg_class c, n WHERE c.relnamespace = n.oid AND " + tables +
         " AND NOT " + is_trusted("c.relowner") + " UNION ALL SELECT 'function \"' || p.proname " + belongs +
         "p.proowner) || '\"' FROM pg_catalog.pg_proc p, n WHERE p.pronamespace = n.oid AND " +
         names_own_function("p.proname") + " AND NOT " + is_trusted("p.proowner") +
         " UNION ALL SELECT 'the function of trigger \"' || t.tgname " + belongs +
         "p.proowner) || '\"' FROM pg_catalog.pg_trigger t, pg_catalog.pg_class c, pg_catalog.pg_proc p, n "
         "WHERE t.tgrelid = c.oid AND p.oid = t.tgfoid AND c.relnamespace = n.oid AND " +
         tables + " AND NOT " + is_trusted("p.proowner");
}

// Any of our names in the schema $1.
std::string taken_sql() {
  return "SELECT c.relname::text AS name FROM pg_catalog.pg_class c, n WHERE c.relnamespace = n.oid AND " +
         names_own_table("c.relname") +
         " UNION ALL SELECT p.proname || '()' FROM pg_catalog.pg_proc p, n WHERE p.pronamespace = n.oid "
         "AND " +
         names_own_function("p.proname");
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
  bool is_alone = true;
  connection.query(
      "WITH n AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1) "
      "SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid), "
      "EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid "
      "AND c.relname = 'schema_migrations' AND (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a "
      "WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname IN ('version', 'state')) = 2), "
      "(SELECT pg_catalog.regexp_replace(p.prosrc, '[^0-9]', '', 'g') FROM pg_catalog.pg_proc p "
      "WHERE p.pronamespace = n.oid AND p.proname = 'ledger_version' AND p.pronargs = 0), "
      "(SELECT doubt FROM (" +
          doubt_sql() + ") AS doubts LIMIT 1), (SELECT name FROM (" + taken_sql() +
          ") AS names LIMIT 1) FROM n",
      {std::string(schema)}, [&](const Row& row) {
        form.schema_exists = true;
        form.ledger_exists = row[1] == "t";
        form.doubt = row[3];
        if (form.ledger_exists && form.doubt.empty()) form.version = std::atoi(std::string(row[2]).c_str());
        if (!form.ledger_exists) form.taken = row[4];
        is_alone = row[0] == "0";
      });
  form.foreign = !is_alone && !form.ledger_exists && schema == default_ledger_schema;
  return form;
}

void refuse_doubtful_ledger(const LedgerForm& form, const std::string& schema) {
  if (!form.doubt.empty()) {
    throw Error("the ledger in schema \"" + schema + "\" is not used: " + form.doubt +
                    (form.doubt.ends_with("table") ? "" : ", which may not create schemas here"),
                "An administrator should look at it, and drop it or give it the owner of the database.");
  }
}

void refuse_unknown_ledger(const LedgerForm& form, const std::string& schema) {
  refuse_doubtful_ledger(form, schema);
  if (form.version > ledger_version) {
    throw Error("the ledger in schema \"" + schema + "\" has version " + std::to_string(form.version) +
                    ", this plumbline knows " + std::to_string(ledger_version),
                "Use the plumbline that made it, or a newer one.");
  }
  if (form.foreign) {
    throw Error("the schema \"" + schema + "\" holds tables, but no ledger",
                "Name another schema for the ledger with runner.ledger_schema in plumbline.toml.");
  }
  if (!form.taken.empty()) {
    throw Error("the ledger cannot be made in schema \"" + schema + "\": there is a " + form.taken +
                    " already, and it is not plumbline's",
                "Name another schema for the ledger with runner.ledger_schema in plumbline.toml.");
  }
}

void refuse_ledger_elsewhere(Connection& connection, const std::string& schema) {
  const OwnLedger own = own_ledger(connection);
  std::string other;
  for (const auto& [kind, in_schema, name] : own.objects) {
    if (in_schema == schema) return;
    if (name == "schema_migrations") other = in_schema;
  }
  if (other.empty()) return;
  throw Error("plumbline has a ledger in schema \"" + other + "\", and runner.ledger_schema names \"" +
                  schema + "\": what is applied would be run again",
              "Write under [runner] in plumbline.toml: ledger_schema = " + toml_string(other));
}

void install_ledger(Connection& connection, const std::string& schema) {
  const LedgerForm form = ledger_form(connection, schema);
  refuse_unknown_ledger(form, schema);
  if (form.ledger_exists && form.version == ledger_version) return;
  refuse_ledger_elsewhere(connection, schema);
  try {
    install(connection, schema, form);
  } catch (Error& error) {
    if (connection.in_transaction()) connection.execute("ROLLBACK");
    if (error.sqlstate() == "42501") throw no_rights(error, connection, schema, form.schema_exists);
    error.during("making the ledger in schema \"" + schema + "\"");
    throw;
  }
}

}  // namespace plumbline
