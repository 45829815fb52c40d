#include <catch2/catch.hpp>

#include "tests/server/migrated.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

struct Check {
  std::string sql;
  std::string said;  // what makes it fail; empty: it passes
};

// Whatever somebody writes there: an answer, no crash, and nothing of it is left in the session.
const std::vector<Check> checks{{"SELECT true", ""},
                                {"SELECT 'true'", ""},
                                {"VALUES (true), (true)", ""},
                                {"SELECT 1; SELECT true", ""},
                                {"SELECT", "said a row without columns"},
                                {"SELECT FROM generate_series(1, 3)", "said a row without columns"},
                                {"SELECT true WHERE false", "said no row"},
                                {"SELECT false", "said f"},
                                {"SELECT NULL", "said NULL"},
                                {"SELECT ''", "said "},
                                {"SELECT 1", "said 1"},
                                {"VALUES (true), (false)", "said f"},
                                {"VALUES (false), (true)", "said f"},
                                {"", "said no row"},
                                {";", "said no row"},
                                {"-- nothing", "said no row"},
                                {"BEGIN", "said no row"},
                                {"BEGIN; SELECT true", ""},
                                {"ROLLBACK", "said no row"},
                                {"SET search_path = nowhere; SELECT true", ""},
                                {"SET ROLE pg_monitor; SELECT true", ""},
                                {"LISTEN x", "said no row"},
                                {"COPY (SELECT true) TO STDOUT", "said no row"},
                                {"COPY one FROM STDIN", ""},
                                {"SELECT true FROM nowhere", "failed: relation \"nowhere\" does not exist"},
                                {"SELEKT", "failed: syntax error"}};

std::string in_toml(const std::string& sql) {
  std::string text;
  for (const char c : sql) text += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return '"' + text + '"';
}

}  // namespace

TEST_CASE("whatever a health check is, its answer is told and nothing of it is left in the session") {
  for (const Check& check : checks) {
    INFO(check.sql);
    Migrated live;
    live.write("plumbline.toml", "[runner]\nhealth_checks = [" + in_toml(check.sql) + ", \"SELECT true\"]\n");
    live.migration(1, "CREATE TABLE one (id int);", "DROP TABLE one;");
    live.migration(2, "CREATE TABLE two (id int);", "DROP TABLE two;");
    const ProgramResult result = live.run({"up"});
    INFO(result.err);
    if (check.sql.starts_with("COPY one")) {  // no data comes: an answer all the same
      CHECK(result.exit_code == 1);
      continue;
    }
    CHECK(result.exit_code == (check.said.empty() ? 0 : 1));
    if (!check.said.empty()) CHECK_THAT(result.err, Contains(check.said));
    CHECK(live.ledger() == (check.said.empty() ? "1 applied, 2 applied" : "1 rolled_back"));
    CHECK(live.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0");
  }
}
