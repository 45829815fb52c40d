#include "cli/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "cli/suggest.h"
#include "cli/trust.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

struct Variable {
  const char* name;
  void (*apply)(Settings&, const std::string&);  // nothing: read elsewhere
  bool secret = false;
};

void fail_on(Settings& settings, const std::string& text) {
  if (read_fail_on(text, settings)) return;
  throw Error("PLUMBLINE_FAIL_ON is \"" + text + "\", which is no severity",
              "Use info, low, medium, high, critical, new or never.");
}

// The later counts for more.
constexpr Variable variables[] = {
    {"DATABASE_URL", nullptr, true},
    {"PLUMBLINE_URL", nullptr, true},
    {"PLUMBLINE_MIGRATIONS", [](Settings& s, const std::string& v) { s.migrations.path = v; }},
    {"PLUMBLINE_CONVENTION", [](Settings& s, const std::string& v) { s.migrations.convention = v; }},
    {"PLUMBLINE_PRELUDE", [](Settings& s, const std::string& v) { s.prelude = v; }},
    {"PLUMBLINE_SEARCH_PATH", [](Settings& s, const std::string& v) { s.search_path = v; }},
    {"PLUMBLINE_SHADOW_URL", [](Settings& s, const std::string& v) { s.shadow_url = v; }, true},
    {"PLUMBLINE_AT", [](Settings& s, const std::string& v) { s.at = v; }},
    {"PLUMBLINE_OWNER", [](Settings& s, const std::string& v) { s.owner = v; }},
    {"PLUMBLINE_FORMAT", [](Settings& s, const std::string& v) { s.usual_format = v; }},
    {"PLUMBLINE_FAIL_ON", fail_on},
    {"PLUMBLINE_PREVIOUS", [](Settings& s, const std::string& v) { s.previous = v; }},
    {"PLUMBLINE_CACHE_DIR", [](Settings& s, const std::string& v) { s.cache_directory = v; }},
    {"PLUMBLINE_NO_CACHE", [](Settings& s, const std::string&) { s.cache_directory.clear(); }},
    {"PLUMBLINE_WEBHOOK_URL", nullptr, true},
    {"PLUMBLINE_CONFIG", nullptr},
    {"PLUMBLINE_ENV", nullptr},
    {"PLUMBLINE_PG_BIN", nullptr},
    {"PLUMBLINE_PACKAGED_SERVERS", nullptr},  // from the launcher of the npm package and the wheel
    {"PLUMBLINE_PACKAGED_INSTALL", nullptr},
    {"PLUMBLINE_SERVER_USER", nullptr},
    {"PLUMBLINE_TMPDIR", nullptr},
    {"PLUMBLINE_READABLE", nullptr},  // directories for the sandbox of the throw-away server
    {"PLUMBLINE_TRUST_PROJECT", nullptr},
    {"PLUMBLINE_SHARED", nullptr},
    {"PLUMBLINE_RELEASES", nullptr},  // from scripts/action: where it installs from
};

bool is_name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Replaces each ${NAME} by what `value_of` says of it.
template <typename ValueOf>
std::string replaced(std::string_view text, const ValueOf& value_of) {
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t open = text.find("${", at);
    const std::size_t close = open == text.npos ? open : text.find('}', open);
    if (close == text.npos) break;
    result += text.substr(at, open - at);
    result += value_of(std::string(text.substr(open + 2, close - open - 2)));
    at = close + 1;
  }
  return result.append(text.substr(at));
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string with_earlier(std::string_view text, const Pairs& earlier) {
  return replaced(text, [&](const std::string& name) {
    if (const auto set = environment_variable(name)) return *set;
    for (const auto& [key, value] : earlier) {
      if (key == name) return value;
    }
    return std::string();
  });
}

char escaped(char c) { return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c; }

// What stands between double quotes; `text` starts behind the first.
std::string double_quoted(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size() && text[at] != '"'; ++at) {
    const bool is_escape = text[at] == '\\' && at + 1 < text.size();
    result += is_escape ? escaped(text[++at]) : text[at];
  }
  return result;
}

std::string plain_value(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '#' && (text[at - 1] == ' ' || text[at - 1] == '\t'))
      return std::string(trim(text.substr(0, at)));
  }
  return text.starts_with('#') ? std::string() : std::string(text);
}

std::string value_of(std::string_view text, const Pairs& earlier) {
  if (text.starts_with('\'')) return std::string(text.substr(1, text.find('\'', 1) - 1));
  if (text.starts_with('"')) return with_earlier(double_quoted(text.substr(1)), earlier);
  return with_earlier(plain_value(text), earlier);
}

// A checked-out branch may neither name programs nor say whose certificates are to be trusted.
bool is_for_the_caller_only(std::string_view name) {
  return name.starts_with("PLUMBLINE_PACKAGED_") || name == "SSL_CERT_FILE" ||
         name == "PLUMBLINE_TRUST_PROJECT";
}

// To libpq or to us; the rest of .env is for other programs.
bool means_something(std::string_view name) {
  return name.starts_with("PG") || name.starts_with("PLUMBLINE_");
}

// What .env says of variables that do not reach our environment.
std::map<std::string, std::string>& for_expansion() {
  static std::map<std::string, std::string> values;
  return values;
}

std::vector<std::string> unknown_variables() {
  std::vector<std::string> found;
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    const std::string name(text.substr(0, text.find('=')));
    const bool known = std::any_of(std::begin(variables), std::end(variables),
                                   [&](const Variable& each) { return each.name == name; });
    if (name.starts_with("PLUMBLINE_") && !known) found.push_back(name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (!value || !*value) return std::nullopt;
  return value;
}

std::vector<std::pair<std::string, std::string>> parse_dotenv(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Pairs result;
  for (const std::string& whole : split(text, '\n')) {
    std::string_view line = trim(whole);
    if (line.starts_with("export ") || line.starts_with("export\t")) line = trim(line.substr(7));
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || equals == line.npos) continue;
    const std::string name(trim(line.substr(0, equals)));
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_character)) continue;
    result.emplace_back(name, value_of(trim(line.substr(equals + 1)), result));
  }
  return result;
}

FromDotenv load_dotenv(const std::filesystem::path& directory, bool trusted) {
  FromDotenv result;
  std::ifstream file(directory / ".env");
  if (!file) return result;
  std::ostringstream text;
  text << file.rdbuf();
  for (const auto& [name, value] : parse_dotenv(text.str())) {
    if (is_for_the_caller_only(name) || std::getenv(name.c_str())) continue;
    if (!trusted && !may_be_set_by_project(name)) {
      if (means_something(name)) result.refused.insert(name);
      for_expansion()[name] = value;
      continue;
    }
    result.added.insert(name);
    constexpr int keep_what_is_set = 0;
    setenv(name.c_str(), value.c_str(), keep_what_is_set);
  }
  return result;
}

std::vector<std::string> variables_in(std::string_view text) {
  std::vector<std::string> result;
  replaced(text, [&](const std::string& name) {
    result.push_back(name);
    return std::string();
  });
  return result;
}

std::string expand_variables(std::string_view text, const std::string& what) {
  return replaced(text, [&](const std::string& name) {
    if (const auto value = environment_variable(name)) return *value;
    if (const auto found = for_expansion().find(name); found != for_expansion().end()) return found->second;
    throw Error(what + " names the environment variable \"" + name + "\", which is not set",
                "Set " + name + ", also in a .env file, or say the URL with --url.");
  });
}

void apply_environment(Settings& settings) {
  for (const Variable& variable : variables) {
    const auto value = environment_variable(variable.name);
    if (value && variable.apply) variable.apply(settings, *value);
  }
  std::vector<std::string> names;
  for (const Variable& variable : variables) names.emplace_back(variable.name);
  for (const std::string& name : unknown_variables()) {
    const std::string near = did_you_mean(name, names);
    if (near.empty()) continue;
    std::string warning = "the environment variable \"";
    warning.append(name).append("\" means nothing; did you mean ").append(near).append("?");
    settings.warnings.push_back(std::move(warning));
  }
}

std::string default_cache_directory() {
  if (const auto cache = environment_variable("XDG_CACHE_HOME"); cache && cache->starts_with('/')) {
    return *cache + "/plumbline";
  }
  const auto home = environment_variable("HOME");
  return home ? *home + "/.cache/plumbline" : std::string();
}

bool wants_colour(bool is_terminal) {
  const auto terminal = environment_variable("TERM");
  return is_terminal && !environment_variable("NO_COLOR") && terminal && *terminal != "dumb";
}

std::vector<KnownVariable> known_variables() {
  std::vector<KnownVariable> result;
  for (const Variable& variable : variables) result.push_back({variable.name, variable.secret});
  return result;
}

}  // namespace plumbline
