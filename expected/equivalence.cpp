#include "expected/equivalence.h"

#include "postgres/error.h"
#include "snapshot/capture.h"
#include "snapshot/kind.h"

namespace plumbline {

bool Equivalence::same(const Object& object, const Attribute& attribute, std::string_view actual,
                       std::string_view expected) {
  if (!attribute.normalise || actual.empty() || expected.empty()) return false;
  const std::optional<std::string> ours = spelled(object, attribute, std::string(expected));
  if (!ours) return false;
  return ours == spelled(object, attribute, std::string(actual));
}

// What the server prints of its own print can differ once more (an IN list over varchar is cast first as a
// whole, then element by element), and then no more.
std::optional<std::string> Equivalence::spelled(const Object& object, const Attribute& attribute,
                                                std::string value) {
  for (int round = 0; round < 4; ++round) {
    const std::vector<std::string> statements = attribute.normalise(object, value);
    if (statements.empty()) return std::nullopt;
    std::optional<std::string> again = ask(statements);
    if (!again || *again == value) return again;
    value = *again;
  }
  return value;
}

std::optional<std::string> Equivalence::ask(const std::vector<std::string>& statements) {
  Connection& connection = connection_();
  std::optional<std::string> answer;
  connection.execute("BEGIN; " + pinned_settings() +
                     "; SET LOCAL check_function_bodies = off; SET LOCAL lock_timeout = '5s'");
  try {
    for (std::size_t i = 0; i + 1 < statements.size(); ++i) connection.execute(statements[i]);
    answer = connection.value(statements.back());
  } catch (const Error& error) {
    if (error.sqlstate() == "08006") throw;
    answer.reset();
  }
  connection.execute("ROLLBACK");
  return answer;
}

}  // namespace plumbline
