#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/migration.h"
#include "runner/ledger_rows.h"

namespace plumbline {

// What is wrong with a migration.
struct Problem {
  std::string_view rule;
  std::string place;  // "db/0007_x.sql:3:1", as an editor takes it
  std::string message, hint;
  bool is_error = true;
  std::string file;  // relative to the directory
};

struct RuleContext {
  const MigrationDirectory& directory;
  const LedgerEntries* entries = nullptr;  // what live says; nothing: nobody was asked
  int server = 0;                          // major of live; 0: not known
  std::span<const std::size_t> places;     // the migrations to look at
};

// One rule is one file in rules/.
struct Rule {
  std::string_view name, summary;
  void (*check)(const RuleContext& context, std::vector<Problem>& problems);
  bool stops_up = true;  // `up` does not begin while an error of it stands
};
std::span<const Rule> all_rules();

// Looks at the migrations by every rule, or by those that stop `up`. In the order of the files.
std::vector<Problem> validate(const RuleContext& context, bool only_what_stops_up = false);

// For rules: a problem at the top of the file, or at a statement of it.
Problem problem_at(const RuleContext& context, std::size_t place, std::string message, std::string hint);
Problem problem_in(const RuleContext& context, std::size_t place, const SqlStatement& statement,
                   std::string message, std::string hint);

}  // namespace plumbline
