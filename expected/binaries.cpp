#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "expected/process.h"
#include "expected/shadow.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

namespace fs = std::filesystem;

bool is_executable(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0;
}

std::vector<fs::path> directories_in(const char* variable) {
  std::vector<fs::path> result;
  const char* list = std::getenv(variable);
  for (const std::string& directory : split(list ? list : "", ':')) {
    if (!directory.empty()) result.emplace_back(directory);
  }
  return result;
}

// What pg_config says; nothing when it is not there or answers oddly.
std::optional<fs::path> bindir_of(const fs::path& pg_config) {
  if (!is_executable(pg_config)) return std::nullopt;
  try {
    const Outcome outcome = run({.words = {fs::absolute(pg_config), "--bindir"}});
    if (outcome.exit_code == 0) return fs::path(trim(outcome.output));
  } catch (const Error&) {
    // A pg_config that cannot be run is as good as none.
  }
  return std::nullopt;
}

// Every entry of `parent` that matches the glob, with `below` behind it: packages put a directory for each
// major there.
void add_matching(std::vector<fs::path>& result, const fs::path& parent, std::string_view glob,
                  const char* below) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, error)) {
    if (glob_matches(glob, entry.path().filename().string())) result.push_back(entry.path() / below);
  }
}

std::vector<fs::path> candidates() {
  if (const char* chosen = std::getenv("PLUMBLINE_PG_BIN"); chosen && *chosen) {
    return directories_in("PLUMBLINE_PG_BIN");
  }
  std::vector<fs::path> result;
  const std::vector<fs::path> path = directories_in("PATH");
  for (const fs::path& directory : path) {
    if (const auto bindir = bindir_of(directory / "pg_config")) result.push_back(*bindir);
  }
  result.insert(result.end(), path.begin(), path.end());
  add_matching(result, "/usr/lib/postgresql", "*", "bin");          // Debian, Ubuntu
  add_matching(result, "/usr", "pgsql-*", "bin");                   // PGDG on Red Hat and its kin
  add_matching(result, "/usr/libexec", "postgresql*", "");          // Alpine
  add_matching(result, "/opt/homebrew/opt", "postgresql*", "bin");  // macOS
  add_matching(result, "/usr/local/opt", "postgresql*", "bin");     // macOS on Intel
  add_matching(result, "/Library/PostgreSQL", "*", "bin");          // EDB's installer
  result.emplace_back("/usr/local/pgsql/bin");                      // built from source
  // What the npm package and the wheel bring along counts after what is installed.
  const std::vector<fs::path> packaged = directories_in("PLUMBLINE_PACKAGED_SERVERS");
  result.insert(result.end(), packaged.begin(), packaged.end());
  return result;
}

// "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "postgres (PostgreSQL) 19devel".
std::optional<ServerBinaries> read_version(const fs::path& directory, const char* program) {
  const Outcome outcome = run({.words = {directory / program, "--version"}});
  constexpr std::string_view mark = "(PostgreSQL) ";
  const std::size_t start = outcome.output.find(mark);
  if (outcome.exit_code != 0 || start == std::string::npos) return std::nullopt;
  const std::string_view rest = std::string_view(outcome.output).substr(start + mark.size());
  ServerBinaries result;
  result.directory = directory;
  result.full_version = rest.substr(0, rest.find_first_of(" \n"));
  std::from_chars(result.full_version.data(), result.full_version.data() + result.full_version.size(),
                  result.version);
  if (result.version == 0) return std::nullopt;
  return result;
}

std::optional<ServerBinaries> inspect(const fs::path& directory, const char* program = "postgres") {
  static std::map<fs::path, std::optional<ServerBinaries>> known;
  if (const auto found = known.find(directory / program); found != known.end()) return found->second;
  std::optional<ServerBinaries> result;
  try {
    result = read_version(directory, program);
  } catch (const Error&) {
    // Not for this machine, or not for us: not an installation that we can use.
  }
  known.emplace(directory / program, result);
  return result;
}

// A package that can bring servers says by which command.
std::string packaged_hint() {
  const char* command = std::getenv("PLUMBLINE_PACKAGED_INSTALL");
  return command && *command ? "Run: " + std::string(command) + "  (it brings one). Or install" : "Install";
}

std::string what_to_install(int major) {
  const std::string number = major == 0 ? "" : std::to_string(major);
  return packaged_hint() + " the package \"postgresql" + (number.empty() ? "" : "-" + number) +
         "\" (Debian, Ubuntu) or \"postgresql" + number +
         "-server\" (Red Hat), name the directory that holds \"postgres\" and \"initdb\" in "
         "PLUMBLINE_PG_BIN, or " +
         "give a server with --shadow-url.";
}

bool is_installation(const fs::path& directory) {
  return is_executable(directory / "postgres") && is_executable(directory / "initdb");
}

}  // namespace

std::vector<ServerBinaries> find_server_binaries() {
  std::vector<ServerBinaries> result;
  std::set<fs::path> seen;
  for (const fs::path& candidate : candidates()) {
    if (!is_installation(candidate)) continue;
    std::error_code error;
    // A link to the program stands for the directory that the program is in.
    fs::path directory = fs::canonical(candidate / "postgres", error).parent_path();
    if (!is_installation(directory)) directory = fs::canonical(candidate, error);
    if (!seen.insert(directory).second) continue;
    if (auto binaries = inspect(directory)) result.push_back(std::move(*binaries));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.version > b.version; });
  return result;
}

ServerBinaries choose_server_binaries(int major) {
  const std::vector<ServerBinaries> all = find_server_binaries();  // newest first
  if (all.empty()) {
    const char* chosen = std::getenv("PLUMBLINE_PG_BIN");
    throw Error(chosen && *chosen ? "found no PostgreSQL server programs in PLUMBLINE_PG_BIN, \"" +
                                        std::string(chosen) + "\""
                                  : std::string("found no PostgreSQL server programs on this machine"),
                what_to_install(major));
  }
  if (major == 0) return all.front();
  const auto is_old = [&](const ServerBinaries& binaries) { return binaries.version < major; };
  for (const ServerBinaries& binaries : all) {
    if (binaries.version == major) return binaries;
  }
  const auto first_older = std::find_if(all.begin(), all.end(), is_old);
  return first_older == all.begin() ? *first_older : *std::prev(first_older);
}

fs::path find_psql() {
  std::vector<fs::path> all = candidates();
  const std::vector<fs::path> path = directories_in("PATH");
  all.insert(all.end(), path.begin(), path.end());
  for (const fs::path& directory : all) {
    if (is_executable(directory / "psql")) return directory / "psql";
  }
  return {};
}

fs::path choose_pg_dump(int major) {
  std::vector<fs::path> all = candidates();
  const std::vector<fs::path> path = directories_in("PATH");
  all.insert(all.end(), path.begin(), path.end());
  int newest = 0;
  for (const fs::path& directory : all) {
    if (!is_executable(directory / "pg_dump")) continue;
    const auto found = inspect(directory, "pg_dump");
    if (found && found->version >= major) return directory / "pg_dump";
    if (found) newest = std::max(newest, found->version);
  }
  const std::string number = std::to_string(major);
  throw Error("found no pg_dump that reads PostgreSQL " + number +
                  (newest > 0 ? "; the newest here is of " + std::to_string(newest) : ""),
              "Install the package \"postgresql-client-" + number + "\" (Debian, Ubuntu) or \"postgresql" +
                  number + "\" (Red Hat), or name the directory that holds it in PLUMBLINE_PG_BIN.");
}

}  // namespace plumbline
