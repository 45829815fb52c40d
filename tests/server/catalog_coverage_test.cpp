#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "postgres/text.h"
#include "snapshot/capture.h"
#include "snapshot/coverage.h"
#include "snapshot/kinds.h"
#include "snapshot/query.h"
#include "tests/server/server.h"

using namespace plumbline;
using namespace plumbline::testing;

TEST_CASE("every column of every catalogue has an entry that says how it is treated") {
  for (const int version : available_versions()) {
    DYNAMIC_SECTION("on server " << version) {
      TestDatabase database = server(version).fresh_database();
      CHECK(join(not_compared(database.connection()), ", ").empty());
    }
  }
}

TEST_CASE("a column that the coverage table does not know is reported as not compared") {
  TestDatabase database = server().fresh_database();
  database.execute(
      "SET allow_system_table_mods = on; ALTER TABLE pg_catalog.pg_cast ADD COLUMN castmood text");
  CHECK(not_compared(database.connection()) == std::vector<std::string>{"pg_cast.castmood"});
}

TEST_CASE("no column has two entries, and what is compared is compared by kinds that there are") {
  std::set<std::string> seen;
  for (const Coverage& entry : all_coverage()) {
    for (const std::string& column : split(entry.columns, ' ')) {
      INFO(entry.catalog << "." << column);
      CHECK(seen.insert(std::string(entry.catalog) + "." + column).second);
    }
    CHECK_FALSE(entry.why.empty());
    if (entry.treatment != Treatment::compared) continue;
    for (const std::string& kind : split(entry.why, ' ')) {
      INFO(entry.catalog << " is compared by " << kind);
      CHECK(find_kind(kind) != nullptr);
    }
  }
}

TEST_CASE("the query of every kind runs on every server version, for own objects, members and picked OIDs") {
  for (const int version : available_versions()) {
    DYNAMIC_SECTION("on server " << version) {
      TestDatabase database = server(version).fresh_database();
      Connection& connection = database.connection();
      const ReadTransaction transaction(connection);
      for (const Kind* kind : all_kinds()) {
        if (kind->since > version) continue;
        INFO(kind->name);
        CHECK_NOTHROW(connection.execute(kind_query(*kind, version)));
        CHECK_NOTHROW(connection.execute(member_query(*kind, version)));
        CHECK_NOTHROW(connection.execute(kind_query(*kind, version, "ARRAY[1, 2]::oid[]")));
      }
    }
  }
}
