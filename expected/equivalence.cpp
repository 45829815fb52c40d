#include "expected/equivalence.h"

#include <unistd.h>

#include <fstream>
#include <system_error>
#include <utility>

#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/capture.h"
#include "snapshot/kind.h"

namespace plumbline {

namespace {

std::string question(const Object& object, const Attribute& attribute, std::string_view actual,
                     std::string_view expected) {
  std::string text;
  const std::string name = describe(object.id());
  for (const std::string_view part : {std::string_view(name), attribute.name, actual, expected}) {
    text.append(sha256_hex(part));
  }
  return sha256_hex(text);
}

}  // namespace

Equivalence::Equivalence(std::function<Connection*()> connection, std::filesystem::path memory)
    : connection_(std::move(connection)), memory_(std::move(memory)) {
  std::ifstream in(memory_);
  std::string hash, answer;
  while (!memory_.empty() && in >> hash >> answer) known_[hash] = answer == "same";
}

Equivalence::~Equivalence() {
  if (!learned_ || memory_.empty()) return;
  std::filesystem::path draft = memory_;
  draft += "." + std::to_string(::getpid());
  std::ofstream out(draft);
  for (const auto& [hash, same] : known_) out << hash << (same ? " same\n" : " different\n");
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(draft, memory_, error);
  if (!out || error) std::filesystem::remove(draft, error);
}

bool Equivalence::same(const Object& object, const Attribute& attribute, std::string_view actual,
                       std::string_view expected) {
  if (!attribute.normalise || actual.empty() || expected.empty()) return false;
  const std::string hash = question(object, attribute, actual, expected);
  const auto known = known_.find(hash);
  if (known != known_.end()) return known->second;
  if (!server()) {
    ++unanswered_;
    return false;
  }
  learned_ = true;
  return known_[hash] = ask_whether_same(object, attribute, actual, expected);
}

Connection* Equivalence::server() { return connection_ ? connection_() : nullptr; }

bool Equivalence::ask_whether_same(const Object& object, const Attribute& attribute, std::string_view actual,
                                   std::string_view expected) {
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
  Connection& connection = *server();
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
