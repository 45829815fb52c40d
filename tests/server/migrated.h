#pragma once

#include <string>
#include <vector>

#include "tests/server/server.h"

namespace plumbline::testing {

// A folder "db" of migrations in plumbline's own format, and a live database that the runner migrates.
class Migrated {
 public:
  explicit Migrated(int major = 0);

  // db/202501NN_000000_name.sql; an empty down: the file has no such section.
  void migration(int number, const std::string& up, const std::string& down = "",
                 const std::string& header = "") const;
  void write(const std::string& name, std::string_view content) const { folder_.write(name, content); }
  static std::string version(int number);

  ProgramResult run(std::vector<std::string> arguments, Environment environment = {}) const;
  // The command succeeded; what it wrote to stdout.
  std::string ok(const std::vector<std::string>& arguments) const;
  // One value from live.
  std::string value(const std::string& sql);
  void execute(const std::string& sql) { database_.execute(sql); }
  // schema_migrations as "1 applied, 2 failed 1/3": number, state, statements done or running.
  std::string ledger();

  TestDatabase& database() { return database_; }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryDirectory folder_;
  TestDatabase database_;
};

}  // namespace plumbline::testing
