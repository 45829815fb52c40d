#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "expected/expected.h"
#include "migrations/migration.h"
#include "runner/plan.h"

namespace plumbline {

// Knows from a throw-away server what each migration should make of the schema, and holds the live catalogue
// against it while the migration can still be taken back. What was otherwise on live before the migration is
// not held against it.
class EffectCheck {
 public:
  // `applied`: the places of what live has.
  EffectCheck(const MigrationDirectory& directory, const ExpectedOptions& options,
              const std::vector<std::size_t>& applied);
  ~EffectCheck();
  EffectCheck(const EffectCheck&) = delete;
  EffectCheck& operator=(const EffectCheck&) = delete;

  // Before the migration: what differs already. Outside a transaction.
  void before(Connection& live, const Step& step);
  // When its statements are run, inside their transaction or behind them. Throws Error that says what is not
  // as the files say.
  void verify(Connection& live, const Step& step);

 private:
  using Ids = std::set<std::string>;
  Snapshot read(Connection& connection, bool throw_away);
  void predict(const Step& step);

  const MigrationDirectory& directory_;
  MigrationDirectory downs_;
  ExpectedOptions options_;
  SymbolTable symbols_;
  std::unique_ptr<Shadow> shadow_;
  Ids known_;
};

}  // namespace plumbline
