#include "cli/state.h"

#include <filesystem>

#include "postgres/connection.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

constexpr char forms[] =
    "A state is a postgres:// URL, a snapshot FILE.json, a migrations folder, a schema FILE.sql, "
    "git:REVISION:FOLDER or empty.";

State git_state(const std::string& text) {
  constexpr std::size_t prefix = 4;  // "git:"
  const std::size_t colon = text.find(':', prefix);
  if (colon == text.npos || colon == prefix || colon + 1 == text.size()) {
    throw Error("\"" + text + "\" does not name a revision and a folder",
                "Write git:REVISION:FOLDER, as in git:main:db/migrations.");
  }
  return {State::Type::git, text, text.substr(prefix, colon - prefix), text.substr(colon + 1)};
}

State file_state(const std::string& text) {
  const std::string ending = to_lower(fs::path(text).extension().string());
  if (ending == ".json") return {State::Type::snapshot_file, text, {}, {}};
  if (ending == ".sql") return {State::Type::sql_file, text, {}, {}};
  throw Error("\"" + text + "\" is a file of a sort that is no state", forms);
}

bool is_url(const std::string& text) {
  return text.starts_with("postgres://") || text.starts_with("postgresql://");
}

}  // namespace

State parse_state(const std::string& text) {
  if (text.empty()) throw Error("a state is empty text", forms);
  if (text == "empty") return {State::Type::empty, text, {}, {}};
  if (text.starts_with("git:")) return git_state(text);
  if (is_url(text)) return {State::Type::live, text, {}, {}};
  std::error_code failed;
  const fs::file_status status = fs::status(text, failed);
  if (fs::is_directory(status)) return {State::Type::migrations, text, {}, {}};
  if (fs::exists(status)) return file_state(text);
  if (looks_like_conninfo(text)) return {State::Type::live, text, {}, {}};
  if (text.find("://") != text.npos) {  // may well hold a password
    throw Error("a URL that does not start with postgres:// is no state", forms);
  }
  throw Error("there is no file or folder \"" + text + "\"", forms);
}

std::string describe(const State& state) {
  switch (state.type) {
    case State::Type::live:
      return "database " + without_password(state.text);
    case State::Type::snapshot_file:
      return "snapshot " + state.text;
    case State::Type::migrations:
      return "migrations in " + state.text;
    case State::Type::sql_file:
      return "schema " + state.text;
    case State::Type::git:
      return "migrations in " + state.path + " at " + state.revision;
    case State::Type::empty:
      break;
  }
  return "an empty database";
}

}  // namespace plumbline
