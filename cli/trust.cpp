#include "cli/trust.h"

#include <algorithm>
#include <array>
#include <optional>

#include "cli/environment.h"
#include "cli/options.h"
#include "cli/settings.h"
#include "postgres/conninfo.h"
#include "postgres/error.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

constexpr const char* how_to_trust =
    "If you trust whoever wrote this checkout: PLUMBLINE_TRUST_PROJECT=1 (or --trust-project).";

// Of libpq's those that say which database is meant, and of ours those that steer the replay. The rest may
// choose programs (PATH, PLUMBLINE_PG_BIN), certificates, proxies, service files, or where we write.
constexpr std::array settable{"DATABASE_URL",
                              "PLUMBLINE_URL",
                              "PLUMBLINE_ENV",
                              "PLUMBLINE_MIGRATIONS",
                              "PLUMBLINE_CONVENTION",
                              "PLUMBLINE_PRELUDE",
                              "PLUMBLINE_AT",
                              "PLUMBLINE_SEARCH_PATH",
                              "PLUMBLINE_OWNER",
                              "PLUMBLINE_FORMAT",
                              "PLUMBLINE_FAIL_ON",
                              "PLUMBLINE_PREVIOUS",
                              "PLUMBLINE_NO_CACHE",
                              "PLUMBLINE_SHADOW_URL",
                              "PGHOST",
                              "PGPORT",
                              "PGDATABASE",
                              "PGUSER",
                              "PGPASSWORD",
                              "PGAPPNAME",
                              "PGCONNECT_TIMEOUT",
                              "NO_COLOR"};

// What a URL may say; anything else (hostaddr, passfile, service, sslrootcert ...) leads elsewhere than it
// seems, or takes secrets along.
constexpr std::array steering{
    "hostaddr",       "service",     "servicefile",  "passfile",           "sslcert",
    "sslkey",         "sslrootcert", "sslcrl",       "sslcrldir",          "sslpassword",
    "sslnegotiation", "sslcertmode", "requirepeer",  "krbsrvname",         "gsslib",
    "gssdelegation",  "options",     "oauth_issuer", "oauth_client_secret"};

std::optional<fs::path> checkout() {
  std::error_code error;
  for (fs::path folder = fs::current_path(error); !error; folder = folder.parent_path()) {
    if (fs::exists(folder / ".git", error)) return folder;
    if (folder == folder.parent_path()) break;
  }
  return std::nullopt;
}

bool lies_within(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  const fs::path inner = fs::weakly_canonical(fs::absolute(file), error),
                 outer = fs::weakly_canonical(folder, error);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

bool is_of_caller(const std::string& variable, const std::set<std::string>& from_dotenv) {
  return environment_variable(variable) && !from_dotenv.contains(variable);
}

[[noreturn]] void refuse(const std::string& what) { throw Error(what, how_to_trust); }

}  // namespace

bool is_project_trusted(const Options& options) {
  const auto said = environment_variable("PLUMBLINE_TRUST_PROJECT");
  return options.trust_project || (said && *said != "0" && *said != "false" && *said != "no");
}

bool belongs_to_project(const fs::path& file, bool found) {
  if (const auto folder = checkout()) return lies_within(file, *folder);
  return found || lies_within(file, fs::current_path());
}

bool leads_out_of_project(const fs::path& file) {
  const fs::path folder = checkout().value_or(fs::current_path());
  const fs::path written = fs::absolute(file).lexically_normal();
  const bool inside =
      std::mismatch(folder.begin(), folder.end(), written.begin(), written.end()).first == folder.end();
  return inside && !lies_within(file, folder);
}

bool may_be_set_by_project(std::string_view name) {
  return std::find(settable.begin(), settable.end(), name) != settable.end();
}

NamedAddress address_of_file(const std::string& written, const std::string& source,
                             const std::set<std::string>& from_dotenv, const Settings& settings) {
  NamedAddress result{.url = {}, .source = source, .by_project = settings.config_of_project};
  for (const std::string& name : variables_in(written)) {
    if (!is_of_caller(name, from_dotenv)) continue;
    // The whole address is the caller's, and only its name is the file's.
    if (written == "${" + name + "}") result.by_project = false;
    result.holds_secret = true;
  }
  return result;
}

void mind_address(const NamedAddress& address, const std::set<std::string>& from_dotenv,
                  const Settings& settings) {
  if (settings.trusts_project) return;
  const bool host_of_project = !gives_parameter(address.url, "host") && from_dotenv.contains("PGHOST");
  if (!address.by_project && !host_of_project) return;
  for (const char* key : steering) {
    if (address.by_project && gives_parameter(address.url, key))
      refuse(address.source + " sets \"" + key + "\", which may lead to another server");
  }
  const bool has_password = gives_parameter(address.url, "password");
  const bool sends_url = has_password && (!address.by_project || address.holds_secret);
  const bool sends_variable = !has_password && is_of_caller("PGPASSWORD", from_dotenv);
  if (!sends_url && !sends_variable && !(address.by_project && address.holds_secret)) return;
  refuse("the address of the database comes from " +
         std::string(address.by_project ? address.source : "PGHOST in .env") +
         ", and a secret of the environment would be sent there");
}

void mind_program(const std::string& command, const std::string& key, const Settings& settings) {
  if (command.empty() || settings.trusts_project || !settings.config_of_project) return;
  refuse(key + " in " + settings.config_file + " names a program, which is not run");
}

void mind_secret_file(const std::string& file, const std::string& key, const Settings& settings) {
  if (file.empty() || settings.trusts_project || !settings.config_of_project) return;
  if (belongs_to_project(file, false)) return;
  refuse(key + " in " + settings.config_file + " names a file outside of the project, which is not read");
}

}  // namespace plumbline
