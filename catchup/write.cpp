#include "catchup/write.h"

#include "postgres/text.h"

namespace plumbline {

namespace {

std::string hazards_of(const Statement& statement) {
  std::string result;
  for (const Hazard hazard : statement.hazards) {
    result.append(result.empty() ? "" : ", ").append(to_string(hazard));
  }
  return result;
}

}  // namespace

void write_sql(const Plan& plan, std::ostream& out) {
  if (!plan.statements.empty()) {
    // Names are written out in full; bodies of functions may name what comes later.
    out << "SET search_path = '';\nSET check_function_bodies = off;\n";
  }
  for (const Statement& statement : plan.statements) {
    const std::string hazards = hazards_of(statement);
    out << '\n';
    if (!hazards.empty()) out << "-- " << hazards << '\n';
    out << statement.sql << ";\n";
  }
  for (const std::string& refusal : plan.refusals) out << "\n-- not repaired: " << refusal << '\n';
}

}  // namespace plumbline
