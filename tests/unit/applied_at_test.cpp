#include <catch2/catch.hpp>

#include "migrations/ledger.h"
#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;
using Places = std::vector<std::size_t>;

TEST_CASE("a version can be named as the files or the ledger write it") {
  const auto directory = load(files_named({"0001_a.up.sql", "0002_b.up.sql", "0003_c.up.sql"}));
  for (const char* version : {"2", "0002", "0002_b.up.sql", "0002_b.up"}) {
    CAPTURE(version);
    const Applied applied = applied_at(directory, version);
    CHECK(applied.applied == Places{0, 1});
    CHECK(applied.pending == Places{2});
    CHECK(applied.version == "2");
  }
  CHECK(applied_at(load(files_named({"1_a/migration.sql", "2_b/migration.sql"})), "1_a").applied ==
        Places{0});
}

TEST_CASE("head is everything") {
  CHECK(applied_at(load(files_named({"1_a.sql", "2_b.sql"})), "head").pending.empty());
}

TEST_CASE("a version without a file is an error that names the last one") {
  const auto directory = load(files_named({"1_a.sql", "2_b.sql"}));
  CHECK_THAT(error_of([&] { applied_at(directory, "7"); }),
             Contains("the version \"7\"") && Contains("\"2\""));
}
