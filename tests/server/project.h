#pragma once

#include <string>
#include <vector>

#include "tests/server/server.h"

namespace plumbline::testing {

// A folder of migrations for golang-migrate and a live database, with a place of its own for throw-away
// servers, so that whatever is left behind shows.
class Project {
 public:
  Project();

  void write(const std::string& name, std::string_view content) const { folder_.write(name, content); }
  // db/00000N_step.up.sql for N = 1, 2, ...
  void migrations(const std::vector<std::string>& up) const;
  // Runs the SQL on live and writes into its ledger that this version is the applied one.
  void live(const std::string& sql, int version);

  TestDatabase& database() { return database_; }
  const std::filesystem::path& path() const { return folder_.path(); }
  // Where its throw-away servers live.
  const std::filesystem::path& servers() const { return servers_.path(); }

  ProgramResult run(const std::vector<std::string>& arguments, Environment environment = {}) const;
  // check --migrations db --url LIVE and more
  ProgramResult check(const std::vector<std::string>& more = {}, const Environment& environment = {}) const;

 private:
  TemporaryDirectory folder_, servers_;
  TestDatabase database_;
};

// It was an error, never drift: exit code 1, nothing on stdout, and stderr says each of these and what to do.
void check_refused(const ProgramResult& result, const std::vector<std::string>& said);

}  // namespace plumbline::testing
