#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expected/shadow.h"
#include "postgres/connection.h"

// What tests that need a server are made of: one server for each version and run, one fresh database for each
// test.
namespace plumbline::testing {

// Dropped at the end of its scope.
class TestDatabase {
 public:
  TestDatabase(Shadow& shadow, std::string name);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& name() const { return name_; }
  Shadow& shadow() { return shadow_; }
  std::string conninfo() const { return shadow_.conninfo(name_); }
  // The same as a URL, for the command line and environment variables.
  std::string url() const;
  // Opened when first asked for.
  Connection& connection();
  void execute(std::string_view sql) { connection().execute(sql); }

 private:
  Shadow& shadow_;
  std::string name_;
  std::unique_ptr<Connection> connection_;
};

class TestServer {
 public:
  explicit TestServer(int major);

  int version() const { return shadow_->version(); }
  TestDatabase fresh_database();
  // A role without any right but to connect, made when it is not there yet.
  void make_login_role(std::string_view name);
  Shadow& shadow() { return *shadow_; }

 private:
  std::unique_ptr<Shadow> shadow_;
  int databases_ = 0;
};

// The server of that major version, started when first asked for; 0: the newest of this machine.
TestServer& server(int major = 0);

// The major versions that this machine has, newest first.
std::vector<int> available_versions();

// Where tests may keep what makes the next run faster; below the build directory.
std::filesystem::path test_cache();

struct ProgramResult {
  int exit_code = 0;  // 128 + n when signal n ended it
  std::string out, err;
};

using Environment = std::map<std::string, std::string>;

// Runs the program that was built, in `directory` (empty: a temporary one that is empty), with our
// environment less what plumbline reads (PG*, PLUMBLINE_* but _PG_BIN, _SERVER_USER and _TMPDIR,
// DATABASE_URL, CI, NO_COLOR) and with `environment`. It is killed after two minutes.
ProgramResult run_plumbline(const std::vector<std::string>& arguments, const Environment& environment = {},
                            std::string_view input = {}, const std::filesystem::path& directory = {});

// An empty directory, removed at the end of its scope.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Makes the directories on the way, too; returns the whole path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace plumbline::testing
