#include <catch2/catch.hpp>
#include <fstream>

#include "expected/file_tree.h"
#include "tests/server/full_disk.h"
#include "tests/server/server.h"
#include "tests/server/traces.h"

using namespace plumbline;
using namespace plumbline::testing;
namespace fs = std::filesystem;

TEST_CASE("a second start uses the data directory that the first one kept") {
  const TemporaryDirectory cache;
  ShadowOptions options;
  options.cache_directory = cache.path() / "not there yet";
  start_shadow(options);
  REQUIRE(entries(options.cache_directory) == 1);
  const fs::path kept = fs::directory_iterator(options.cache_directory)->path();
  CHECK(kept.filename().string().starts_with("initdb-" + choose_server_binaries(0).full_version));
  std::ofstream(kept / "mark") << "this one";
  const auto shadow = start_shadow(options);
  CHECK(shadow->connect("postgres")->value("SELECT pg_read_file('mark')") == "this one");
  CHECK(shadow->warnings().empty());
}

TEST_CASE("a damaged data directory in the cache is made anew, with a warning") {
  const TemporaryDirectory cache;
  ShadowOptions options;
  options.cache_directory = cache.path();
  start_shadow(options);
  const fs::path kept = fs::directory_iterator(options.cache_directory)->path();
  fs::remove(kept / "global" / "pg_control");
  CHECK(start_shadow(options)->warnings().size() == 1);
  CHECK(fs::exists(kept / "global" / "pg_control"));
  CHECK(start_shadow(options)->warnings().empty());
}

TEST_CASE("a cache that cannot be written costs a warning only") {
  const TemporaryDirectory directory;
  ShadowOptions options;
  options.cache_directory = directory.write("a file", "") / "cache";
  const auto shadow = start_shadow(options);
  REQUIRE(shadow->warnings().size() == 1);
  CHECK_THAT(shadow->warnings()[0], Catch::Contains("a file"));
  shadow->create_database("one");
  CHECK(shadow->connect("one")->value("SELECT 1") == "1");
}

TEST_CASE("a copy into the cache that a full disk cuts off leaves nothing") {
  const TemporaryDirectory directory;
  directory.write("source/small", "x");
  directory.write("source/big", std::string(100000, 'x'));
  {
    const FullDisk disk(50000);
    CHECK_THROWS_AS(keep_tree(directory.path() / "source", directory.path() / "cache" / "target"), Error);
  }
  CHECK(entries(directory.path() / "cache") == 0);
  keep_tree(directory.path() / "source", directory.path() / "cache" / "target");
  CHECK(fs::file_size(directory.path() / "cache" / "target" / "big") == 100000);
  CHECK(entries(directory.path() / "cache") == 1);
}

TEST_CASE("a full disk where the throw-away server should live is an error that leaves nothing") {
  const TemporaryDirectory base;
  fs::permissions(base.path(), fs::perms::others_exec, fs::perm_options::add);
  const Variable temporary("PLUMBLINE_TMPDIR", base.path());
  const FullDisk disk(400000);
  const Error error = error_of({});
  CHECK_THAT(error.message(), Catch::Contains("cannot initialise a throw-away server"));
  CHECK_THAT(error.hint(), Catch::Contains("PLUMBLINE_TMPDIR"));
  CHECK(entries(base.path()) == 0);
}

TEST_CASE("a saved data directory starts a server that holds the same databases") {
  const TemporaryDirectory cache;
  const fs::path saved = cache.path() / "saved";
  {
    const auto shadow = start_shadow(with_cache());
    shadow->create_database("one");
    shadow->connect("one")->execute("CREATE TABLE kept (a int)");
    shadow->create_role("kept_role");
    const Traces traces = traces_of(*shadow);
    REQUIRE(shadow->save(saved));
    CHECK_FALSE(Traces::lives(traces.server));
  }
  ShadowOptions options;
  options.data_from = saved;
  options.role = "another_owner";
  const auto shadow = start_shadow(options);
  CHECK(shadow->connect("one")->value("SELECT count(*) FROM kept") == "0");
  CHECK(shadow->connect("one")->value("SELECT 1 FROM pg_roles WHERE rolname = 'kept_role'") == "1");
  CHECK(shadow->save(saved));
  CHECK(entries(cache.path()) == 1);
}

TEST_CASE("a saved data directory that is missing, foreign or damaged is an error") {
  const TemporaryDirectory cache;
  ShadowOptions options;
  options.data_from = cache.path() / "saved";
  CHECK_THAT(error_of(options).message(), Catch::Contains("is no data directory that plumbline saved"));
  cache.write("saved/plumbline_origin", "13.0-0123456789ab");
  CHECK_THAT(error_of(options).message(), Catch::Contains("was made by another server"));
  fs::remove_all(options.data_from);
  REQUIRE(start_shadow(with_cache())->save(options.data_from));
  fs::remove(options.data_from / "global" / "pg_control");
  CHECK_THAT(error_of(options).message(), Catch::Contains("the throw-away server"));
}
