#include "runner/ledger_environment.h"

#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/ledger_schema.h"

namespace plumbline {

std::string ledger_environment(Connection& connection, const std::string& schema) {
  if (ledger_form(connection, schema).version == 0) return {};
  const std::string history = quote_qualified(schema, "migration_history");
  const auto may_read = connection.value(
      "SELECT pg_catalog.has_schema_privilege($1, 'USAGE') AND "
      "pg_catalog.has_table_privilege($2, 'SELECT')",
      {schema, history});
  if (may_read != "t") return {};  // no runner
  return connection
      .value("SELECT details FROM " + history + " WHERE action = 'environment' ORDER BY id DESC LIMIT 1")
      .value_or("");
}

void refuse_other_environment(Connection& connection, const std::string& schema, const std::string& named) {
  if (named.empty()) return;
  const std::string remembered = ledger_environment(connection, schema);
  if (remembered.empty() || remembered == named) return;
  throw Error("the database " + connection.description() + " belongs to the environment \"" + remembered +
                  "\", as its ledger says, and not to \"" + named + "\"; nothing was changed",
              "Correct the url of [env." + named +
                  "] in plumbline.toml; if the database was given another "
                  "environment: plumbline repair --set-environment --env " +
                  shell_word(named));
}

void remember_environment(Connection& connection, const LedgerWriter& ledger, const std::string& schema,
                          const std::string& named) {
  if (named.empty() || ledger_environment(connection, schema) == named) return;
  connection.execute(ledger.event({.action = "environment", .details = named}));
}

}  // namespace plumbline
