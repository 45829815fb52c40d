#include "cli/target.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "cli/commands.h"
#include "cli/environment.h"
#include "cli/locate.h"
#include "cli/question.h"
#include "cli/trust.h"
#include "postgres/connection.h"
#include "postgres/conninfo.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

constexpr const char* environment_mark = ", environment ";

enum class Rank { command_line, environment, file };

// One who says which database it is.
struct UrlClaim {
  Rank rank;
  std::string name;  // as people know it: "--url", "DATABASE_URL"
  std::string url;
  NamedAddress address{};  // with who wrote it
};

// The url of a section with its variables; nothing when one is not set, which matters only if it is chosen.
std::optional<std::string> expanded(const std::string& url, const std::string& what) {
  try {
    return expand_variables(url, what);
  } catch (const Error&) {
    return std::nullopt;
  }
}

class Claims {
 public:
  Claims(const Options& options, const std::set<std::string>& from_dotenv, const Settings& settings)
      : settings_(settings), from_dotenv_(from_dotenv) {
    if (options.url) add(Rank::command_line, "--url", *options.url);
    if (options.environment) add_section(Rank::command_line, "--env " + shell_word(*options.environment));
    for (const Rank rank : {Rank::environment, Rank::file}) {
      add_variable(rank, "PLUMBLINE_URL");
      if (!options.environment && rank_of("PLUMBLINE_ENV") == rank)
        add_section(rank, shown(rank, "PLUMBLINE_ENV") + "=" + settings.environment);
      add_variable(rank, "DATABASE_URL");
    }
    const bool own_url = !settings.environment.empty() && !settings.environment_url.empty();
    if (!settings.file_url.empty() && !own_url)
      add_written(Rank::file, "url in " + settings.config_file, settings.file_url, "url");
  }

  const std::vector<UrlClaim>& all() const { return claims_; }

 private:
  Rank rank_of(const std::string& variable) const {
    return from_dotenv_.contains(variable) ? Rank::file : Rank::environment;
  }

  static std::string shown(Rank rank, const std::string& variable) {
    return variable + (rank == Rank::file ? " in .env" : "");
  }

  // What would be chosen must have its variables; of the rest it does not matter.
  std::string with_variables(const std::string& url, const std::string& what) const {
    const std::string place = what + " in " + settings_.config_file;
    return claims_.empty() ? expand_variables(url, place) : expanded(url, place).value_or("");
  }

  void add(Rank rank, const std::string& name, const std::string& url) {
    if (!url.empty())
      claims_.push_back({rank, name, url, {.url = url, .source = name, .by_project = rank == Rank::file}});
  }

  void add_variable(Rank rank, const std::string& variable) {
    const auto value = environment_variable(variable);
    if (value && rank_of(variable) == rank) add(rank, shown(rank, variable), *value);
  }

  void add_section(Rank rank, const std::string& name) {
    if (settings_.environment.empty()) return;
    add_written(rank, name, settings_.environment_url, "the url of [env." + settings_.environment + "]");
  }

  void add_written(Rank rank, const std::string& name, const std::string& written, const std::string& what) {
    const std::size_t count = claims_.size();
    add(rank, name, with_variables(written, what));
    if (claims_.size() == count) return;
    claims_.back().address =
        address_of_file(written, what + " in " + settings_.config_file, from_dotenv_, settings_);
    claims_.back().address.url = claims_.back().url;
  }

  const Settings& settings_;
  const std::set<std::string>& from_dotenv_;
  std::vector<UrlClaim> claims_;
};

// What libpq cannot read is another database than any.
std::optional<DatabaseAddress> address_or_none(const std::string& url) {
  try {
    return address_of(url);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string shown_address(const std::string& url) {
  const auto address = address_or_none(url);
  return address ? described(*address) : "not readable";
}

bool agree(const std::string& one, const std::string& other) {
  return one == other || (address_or_none(one) && address_or_none(one) == address_or_none(other));
}

[[noreturn]] void refuse_two(const UrlClaim& chosen, const UrlClaim& other) {
  const std::string both = chosen.name + " is " + shown_address(chosen.url) + ", " + other.name + " is " +
                           shown_address(other.url);
  const bool files = chosen.rank == Rank::file;
  throw UsageError("two databases are named, and nothing says which one is meant: " + both,
                   files ? "Name one: --url URL, or --env NAME for a section [env.NAME] of plumbline.toml"
                         : "Leave one of them out");
}

// libpq goes to that address, whatever host the URL names. One of .env is no reason to leave what somebody
// said; one of the environment may well be meant, and is named.
void mind_host_address(const UrlClaim& chosen, bool is_from_dotenv, Settings& settings) {
  const auto address = environment_variable("PGHOSTADDR");
  if (!address || !gives_parameter(settings.url, "host") || gives_parameter(settings.url, "hostaddr")) return;
  if (is_from_dotenv && chosen.rank != Rank::file) {
    settings.url = with_parameter(settings.url, "hostaddr", "");
    settings.notes.push_back("PGHOSTADDR in .env is not used: " + chosen.name + " names a host");
  } else if (!is_from_dotenv && chosen.rank == Rank::command_line) {
    settings.notes.push_back("PGHOSTADDR leads to " + *address + ", whatever host " + chosen.name + " names");
  }
}

// The environment whose database it is, by name or by what it leads to.
const KnownEnvironment* protected_environment(const Settings& settings) {
  for (const KnownEnvironment& each : settings.environments) {
    if (!each.is_protected) continue;
    if (each.name == settings.environment) return &each;
    const auto url = each.url.empty() ? std::nullopt : expanded(each.url, each.name);
    if (url && agree(*url, settings.url)) return &each;
  }
  return nullptr;
}

// True for a command that changes more of live than the record of its own findings.
bool changes_live(const Options& options) {
  if (!options.command || !options.command->groups.confirm) return false;
  if (options.command->only_in_place) return options.runner.in_place;
  return !options.command->groups.catch_up || options.apply || options.mark_applied;
}

}  // namespace

void choose_database(const Options& options, const std::set<std::string>& from_dotenv, Settings& settings) {
  const Claims claims(options, from_dotenv, settings);
  settings.url.clear();
  const bool connects = options.command && options.command->groups.live;
  if (claims.all().empty()) {
    if (connects) mind_address({.url = {}, .source = "PG*"}, from_dotenv, settings);
    return;
  }
  const UrlClaim& chosen = claims.all().front();
  settings.url = chosen.url;
  settings.url_source = chosen.name;
  for (const UrlClaim& other : claims.all()) {
    if (agree(chosen.url, other.url)) continue;
    if (other.rank == chosen.rank && writes_live(options)) refuse_two(chosen, other);
    settings.notes.push_back(chosen.name + " is used (" + shown_address(chosen.url) + "), not " + other.name +
                             " (" + shown_address(other.url) + ")");
  }
  if (connects) mind_address(chosen.address, from_dotenv, settings);
  mind_host_address(chosen, from_dotenv.contains("PGHOSTADDR"), settings);
}

bool writes_live(const Options& options) { return changes_live(options) || options.record; }

void confirm_environment(const Options& options, const Settings& settings) {
  if (!changes_live(options) || options.runner.dry_run) return;
  const KnownEnvironment* environment = protected_environment(settings);
  if (environment == nullptr) return;
  const std::string target = environment->name + " (" + shown_address(settings.url) + ")";
  std::string answer = options.confirm.value_or("");
  if (!options.confirm) {
    if (!can_ask())
      throw UsageError("the environment " + target + " is protected, and there is no terminal to ask on",
                       "Say that it is meant: --confirm " + shell_word(environment->name));
    answer = answer_to("\"" + std::string(options.command->name) + "\" changes the protected environment " +
                       target + ". Type its name to go on: ");
  }
  if (trim(answer) == environment->name) return;
  throw Error("the environment is " + target + ", and \"" + std::string(trim(answer)) +
                  "\" is not its name; nothing was changed",
              "To go on: --confirm " + shell_word(environment->name));
}

bool is_protected(const Settings& settings) { return protected_environment(settings) != nullptr; }

std::string described_target(const Settings& settings) {
  return described_target(settings, shown_address(settings.url));
}

std::string with_environment(const Settings& settings, const std::string& actual) {
  return settings.environment.empty() ? actual : actual + environment_mark + settings.environment;
}

std::string without_environment(const std::string& actual) {
  return actual.substr(0, actual.rfind(environment_mark));
}

std::string described_target(const Settings& settings, const std::string& database) {
  return settings.environment.empty() ? database : settings.environment + " (" + database + ")";
}

}  // namespace plumbline
