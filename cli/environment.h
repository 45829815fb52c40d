#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/settings.h"

namespace plumbline {

// An empty variable counts as none.
std::optional<std::string> environment_variable(const std::string& name);

// KEY=VALUE lines as in a .env file: comments, `export`, '...' as it stands, "..." with \n, \" and the like;
// ${NAME} outside single quotes is an earlier line's value, else the environment's. Lines that are none of
// this belong to some other tool and are passed over.
std::vector<std::pair<std::string, std::string>> parse_dotenv(std::string_view text);

// Adds what `directory`/.env says to the environment of this process, libpq's PG* included; what is set
// stays. Of a project that is not trusted only what it may set (cli/trust.h); the rest is known to
// expand_variables() alone. The names of what it added, and of what means something and was left out.
struct FromDotenv {
  std::set<std::string> added, refused;
};
FromDotenv load_dotenv(const std::filesystem::path& directory, bool trusted);

// The names in ${NAME}.
std::vector<std::string> variables_in(std::string_view text);

// The text with each ${NAME} replaced. Throws Error that names a variable which is not set; `what` says whose
// text it is. Never shows the text.
std::string expand_variables(std::string_view text, const std::string& what);

// Puts what the PLUMBLINE_* variables say, but for the database (cli/target.h), over `settings`.
void apply_environment(Settings& settings);

// ${XDG_CACHE_HOME:-~/.cache}/plumbline; empty when there is no home.
std::string default_cache_directory();

// Whether a stream that is a terminal or not is to have colours, as TERM and NO_COLOR say.
bool wants_colour(bool is_terminal);

// Names and meaning of the variables above; the secret ones are not to be printed.
struct KnownVariable {
  std::string_view name;
  bool secret;
};
std::vector<KnownVariable> known_variables();

}  // namespace plumbline
