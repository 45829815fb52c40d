#include <algorithm>

#include "migrations/execution.h"
#include "migrations/header.h"
#include "migrations/scan.h"
#include "postgres/error.h"
#include "runner/plan_parts.h"

namespace plumbline {
namespace {

// SET TRANSACTION wants to be the first of its transaction, PREPARE TRANSACTION ends it.
bool is_about_transaction(std::string_view sql) {
  const std::vector<Token> words = significant_tokens(sql, 2);
  return words.size() == 2 && same_word(words[1].of(sql), "transaction") &&
         (same_word(words[0].of(sql), "set") || same_word(words[0].of(sql), "prepare"));
}

// Why the step cannot share a transaction with others; empty: it can.
std::string why_apart(const MigrationDirectory& directory, const Step& step) {
  const Migration& migration = directory.migrations[step.place];
  const std::string file = shown_name(directory, migration);
  if (step.first > 0 || step.running > 0) return file + " was begun before";
  if (!header_value(migration.up_bytes, "live schema").empty())
    return file + " was made for one state of the database, which others have to see";
  for (const SqlStatement& statement : migration.up) {
    const std::string where = file + ":" + std::to_string(statement.line);
    if (!statement.in_transaction) return where + " refuses a transaction";
    if (transaction_control(statement.text) != TransactionControl::none)
      return where + " begins or ends a transaction";
    if (is_about_transaction(statement.text)) return where + " wants a transaction of its own";
  }
  return migration.transactional ? std::string() : file + " runs each statement by itself";
}

// The last one leaves nothing when it fails in a transaction of its own.
bool needs_down(const MigrationDirectory& directory, const PlanRequest& request, const MigrationPlan& plan,
                std::size_t i) {
  return i + 1 < plan.steps.size() || request.looked_at || !why_apart(directory, plan.steps[i]).empty();
}

}  // namespace

void choose_way_back(const MigrationDirectory& directory, const PlanRequest& request, MigrationPlan& plan) {
  std::string apart;
  if (request.goes_on) apart = "it goes on with a run that did not end";
  if (request.looked_at) apart = "health checks look at each migration when it is committed";
  for (const Step& step : plan.steps) {
    if (apart.empty()) apart = why_apart(directory, step);
  }
  plan.one_transaction = apart.empty();
  if (plan.one_transaction) return;
  plan.warnings.push_back("not one transaction, since " + apart +
                          ": if a migration fails, those before it are rolled back by their down sections");
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Migration& migration = directory.migrations[plan.steps[i].place];
    const bool has_down = migration.has_down && !migration.down.empty();
    if (has_down || !needs_down(directory, request, plan, i)) continue;
    const auto reason = irreversible_reason(migration);
    throw Error("a failure could not be rolled back: " + shown_name(directory, migration) +
                    (reason ? " is irreversible: " + *reason : " has no down section") +
                    ", and the run cannot be one transaction: " + apart,
                "Nothing was changed. Write the down section; or apply up to there first, with --target.");
  }
}

}  // namespace plumbline
