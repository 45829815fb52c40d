#include "migrations/account.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "postgres/text.h"

namespace plumbline {
namespace {

using Role = OtherFile::Role;

constexpr std::string_view nameless = "no version in its name", a_down = "a down file that is not read";

std::string_view file_name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }
std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}
std::string_view ending_of(std::string_view path) {
  const std::string_view name = file_name_of(path);
  const std::size_t dot = name.rfind('.');
  return dot == name.npos || dot == 0 ? std::string_view() : name.substr(dot);
}
std::string_view without_ending(std::string_view path) {
  return path.substr(0, path.size() - ending_of(path).size());
}

template <typename List>
bool is_one_of(const List& list, std::string_view text) {
  return std::ranges::find(list, text) != std::end(list);
}

// Of virtual machines that find migrations as classes, so that one beside an SQL file is one of its own.
constexpr std::array class_endings{".java",  ".kt",  ".kts", ".groovy", ".scala",
                                   ".class", ".jar", ".cs",  ".fs"};
constexpr std::array program_endings{".go",  ".js",   ".ts",   ".mjs",  ".cjs", ".mts",   ".cts", ".jsx",
                                     ".tsx", ".py",   ".rb",   ".rs",   ".ex",  ".exs",   ".php", ".pl",
                                     ".clj", ".lua",  ".dart", ".c",    ".cpp", ".swift", ".hs",  ".r",
                                     ".sh",  ".bash", ".zsh",  ".fish", ".ps1", ".bat",   ".cmd", ".exe"};
constexpr std::array sql_endings{".sql", ".psql", ".pgsql", ".plpgsql", ".plsql", ".ddl", ".dml"};
// What other formats of migrations are written in.
constexpr std::array changelog_endings{"",    ".xml",   ".fizz", ".edn", ".tmpl",     ".tpl",
                                       ".j2", ".jinja", ".erb",  ".hbs", ".mustache", ".in"};
// Behind the name of a file that its owner, an editor or a merge put aside.
constexpr std::array aside_endings{".bak",  ".backup",   ".old",  ".orig", ".rej",    ".save",   ".swp",
                                   ".swo",  ".tmp",      ".off",  ".skip", ".ignore", ".sample", ".example",
                                   ".todo", ".disabled", ".lock", ".sum",  ".pyc",    ".map"};
// SQL that belongs to a project and to no version of it, in words that begin or end its name.
constexpr std::array helper_words{"schema", "structure", "seed", "seeds",     "fixture", "fixtures", "dump",
                                  "latest", "current",   "test", "tests",     "example", "template", "sample",
                                  "readme", "testdata",  "init", "bootstrap", "setup",   "teardown"};
// Folders beside migrations that no tool reads for some.
constexpr std::array helper_folders{
    "down",        "downs",        "undo",        "rollback",   "rollbacks", "revert",   "reverts",
    "verify",      "archive",      "archived",    "archives",   "old",       "legacy",   "deprecated",
    "obsolete",    "squashed",     "backup",      "backups",    "test",      "tests",    "testdata",
    "spec",        "fixture",      "fixtures",    "seed",       "seeds",     "seeders",  "seeding",
    "data",        "doc",          "docs",        "example",    "examples",  "sample",   "samples",
    "template",    "templates",    "script",      "scripts",    "tool",      "tools",    "helper",
    "helpers",     "util",         "utils",       "lib",        "meta",      "snapshot", "snapshots",
    "vendor",      "node_modules", "dist",        "build",      "target",    "bin",      "out",
    "__pycache__", "mysql",        "mariadb",     "sqlite",     "sqlite3",   "mssql",    "sqlserver",
    "oracle",      "cockroach",    "cockroachdb", "clickhouse", "h2",        "db2",      "mongo",
    "mongodb",     "cassandra",    "stand_ins",   "snowflake",  "spanner",   "duckdb",   "yugabyte",
    "tidb",        "redshift",     "bigquery"};
constexpr std::array other_databases{"mysql",  "mariadb",   "sqlite",      "sqlite3",    "mssql", "sqlserver",
                                     "oracle", "cockroach", "cockroachdb", "clickhouse", "h2",    "db2"};
// What tools keep in any directory of migrations.
constexpr std::string_view common_parts =
    "atlas.sum|*/atlas.sum|migration_lock.toml|*/migration_lock.toml|sqitch.conf|flyway.conf|flyway.toml|"
    "meta/_journal.json|meta/*_snapshot.json|metadata.toml|*/metadata.toml|metadata.yaml|*/metadata.yaml";

bool is_in(std::string_view globs, std::string_view path) {
  return !globs.empty() && std::ranges::any_of(split(globs, '|'), [&](const std::string& glob) {
    return glob_matches(glob, path);
  });
}

bool has_part(std::string_view text, char separator, const auto& list) {
  return std::ranges::any_of(split(to_lower(std::string(text)), separator),
                             [&](const std::string& part) { return is_one_of(list, part); });
}

// "seed", "seed_users", "users-seed", "seed.dev"
bool is_helper_name(std::string_view name) {
  std::string words = to_lower(std::string(without_ending(name)));
  std::ranges::replace_if(
      words, [](char c) { return c == '-' || c == '.' || c == ' '; }, '_');
  const std::vector<std::string> all = split(words, '_');
  return is_one_of(helper_words, all.front()) || is_one_of(helper_words, all.back());
}

// "3_x.down.sql", "3_x-rollback.sql": what goes back, for people or for another tool.
bool is_down_name(std::string_view name) {
  const std::string stem = to_lower(std::string(without_ending(name)));
  const std::size_t mark = stem.find_last_of(".-_");
  if (mark == std::string::npos) return false;
  constexpr std::array words{"down", "undo", "rollback", "revert", "reverse"};
  return is_one_of(words, std::string_view(stem).substr(mark + 1));
}

// "3_x_test.go", "3_x.spec.ts", "3_x.d.ts"
bool is_test_program(std::string_view name) {
  const std::string_view stem = without_ending(name);
  return name.starts_with("test_") || stem.ends_with("_test") || stem.ends_with(".test") ||
         stem.ends_with(".spec") || stem.ends_with("_spec") || stem.ends_with(".d");
}

// Everything before the first dot, without the word that tells up from down.
std::string_view core_of(std::string_view path) {
  const std::string_view name = file_name_of(path);
  std::string_view core = name.substr(0, name.find('.'));
  if (core.ends_with("-up")) core.remove_suffix(3);
  return core;
}

class Accountant {
 public:
  Accountant(const Convention& convention, const FileSet& files, const Reading& reading,
             const MigrationOptions& options)
      : convention_(convention),
        files_(files),
        reading_(reading),
        options_(options),
        pattern_(convention.layout.file_pattern) {
    for (const Draft& draft : reading.drafts) {
      const Migration& migration = draft.migration;
      used_.insert(migration.file);
      if (migration.has_down) used_.insert(migration.down_file);
      if (convention.folders) {
        folders_.insert(folder_of(migration.file));  // the files in them have the names of all others
      } else {
        cores_.insert(core_of(migration.file));
      }
    }
  }

  std::vector<OtherFile> all() {
    std::vector<OtherFile> result;
    for (const OtherFile& file : files_.set_aside) result.push_back(judged(file));
    for (const FileSet::File& file : files_.files) {
      if (!used_.contains(file.path)) result.push_back(role_of(file));
    }
    std::ranges::stable_sort(result, {}, &OtherFile::path);
    return result;
  }

 private:
  // No regular file: nothing of it was read.
  static OtherFile judged(const OtherFile& file) {
    if (file.role != Role::not_understood) return file;
    const std::string_view name = file_name_of(file.path);
    const bool helper = has_part(file.path, '/', helper_folders);
    const bool may_be_one = ending_of(name).empty() || ending_of(name) == ".sql" || has_version(name);
    return {file.path, may_be_one && !helper ? Role::not_understood : Role::harmless, file.why};
  }

  OtherFile role_of(const FileSet::File& file) const {
    const auto said = std::ranges::find(reading_.set_aside, file.path, &OtherFile::path);
    if (said != reading_.set_aside.end()) return *said;
    const auto answer = [&](Role role, std::string why = {}) {
      return OtherFile{file.path, role, std::move(why)};
    };
    const std::string_view name = file_name_of(file.local);
    const std::string ending = to_lower(std::string(ending_of(name)));
    if (is_in(convention_.parts, file.local) || is_in(common_parts, file.local)) return answer(Role::part);
    if (!convention_.scope.empty() && !is_in(convention_.scope, file.local)) return answer(Role::harmless);
    if (name.ends_with('~') || name.starts_with('#') || is_one_of(aside_endings, ending))
      return answer(Role::harmless);
    if (is_program(name)) return program(file);
    if (is_one_of(sql_endings, ending)) return sql_file(file);
    const bool names_sql = to_lower(std::string(name)).find(".sql.") != std::string::npos;
    const bool may_be_one = has_version(name) && (names_sql || is_one_of(changelog_endings, ending));
    if (may_be_one && !has_part(folder_of(file.local), '/', helper_folders))
      return answer(Role::not_understood, "does not end in .sql");
    return answer(Role::harmless);
  }

  OtherFile program(const FileSet::File& file) const {
    const auto answer = [&](Role role, std::string why = {}) {
      return OtherFile{file.path, role, std::move(why)};
    };
    const std::string_view name = file_name_of(file.local);
    for (const Draft& draft : reading_.drafts) {
      if (draft.migration.stands_in_for == file.path)
        return answer(Role::program, "\"" + draft.migration.file + "\" stands in for it");
    }
    const bool alone = is_one_of(class_endings, to_lower(std::string(ending_of(name))));
    if (!alone && cores_.contains(core_of(name))) return answer(Role::part, "of the SQL file of its name");
    const bool in_its_folder = folders_.contains(folder_of(file.path));
    const bool is_one = has_version(name) || match_program(pattern_, file.local).has_value();
    if (!is_one || in_its_folder || is_test_program(name)) return answer(Role::harmless);
    if (is_missing(file)) return answer(Role::program, "in missing_versions");
    if (has_part(folder_of(file.local), '/', helper_folders)) return answer(Role::harmless);
    return answer(Role::not_understood, "a program, which is not run");
  }

  // Whether the user has listed its version as one that has no SQL.
  bool is_missing(const FileSet::File& file) const {
    std::vector<std::string> names{std::string(core_of(file.local))};
    if (const auto match = match_program(pattern_, file.local)) names.push_back(match->version);
    std::string number = names.front();
    if (!number.empty() && std::isalpha(static_cast<unsigned char>(number.front()))) number.erase(0, 1);
    number = number.substr(0, number.find("__"));
    std::ranges::replace(number, '_', '.');
    names.push_back(number);
    names.push_back(number.substr(0, number.find_first_not_of("0123456789")));
    return std::ranges::any_of(options_.missing_versions, [&](const std::string& missing) {
      return std::ranges::any_of(names, [&](const std::string& each) {
        return !each.empty() && version_key(each) == version_key(missing);
      });
    });
  }

  OtherFile sql_file(const FileSet::File& file) const {
    const auto answer = [&](Role role, std::string why = {}) {
      return OtherFile{file.path, role, std::move(why)};
    };
    const std::string_view name = file_name_of(file.local), folder = folder_of(file.local);
    if (folders_.contains(folder_of(file.path))) return answer(Role::part, "beside the SQL of its migration");
    if (std::ranges::any_of(options_.stand_ins, [&](const auto& each) { return each.second == file.path; }))
      return answer(Role::part);
    if (has_part(name, '.', other_databases)) return answer(Role::harmless, "for another database");
    if (has_part(folder, '/', helper_folders)) return answer(Role::harmless, "in a folder that is not read");
    if (has_version(name) && is_down_name(name)) return answer(Role::harmless, std::string(a_down));
    if (has_version(name) || (convention_.folders && has_version(file.local)))
      return answer(Role::not_understood, how_it_differs(file));
    const bool helper = convention_.folders || !folder.empty() || is_helper_name(name);
    return answer(helper ? Role::harmless : Role::not_understood, std::string(nameless));
  }

  std::string how_it_differs(const FileSet::File& file) const {
    const std::string name(file_name_of(file.local));
    if (!name.ends_with(".sql")) return "does not end in .sql";
    if (pattern_.match(name)) return "in a folder that " + std::string(convention_.name) + " does not read";
    FileSet alone{.directory = files_.directory, .files = {{name, name, file.bytes}}};
    for (const std::string& other : fitting_conventions({}, alone)) {
      if (other != convention_.name)
        return "named as " + other + " has it: " + std::string(find_convention(other)->example);
    }
    return {};
  }

  const Convention& convention_;
  const FileSet& files_;
  const Reading& reading_;
  const MigrationOptions& options_;
  NamePattern pattern_;
  std::set<std::string_view> used_, cores_, folders_;
};

}  // namespace

std::string_view to_string(OtherFile::Role role) {
  switch (role) {
    case Role::part:
      return "part";
    case Role::harmless:
      return "harmless";
    case Role::program:
      return "program";
    case Role::excluded:
      return "excluded";
    case Role::not_understood:
      return "not understood";
  }
  return {};
}

std::vector<OtherFile> MigrationDirectory::not_understood() const {
  std::vector<OtherFile> result;
  std::ranges::copy_if(other_files, std::back_inserter(result),
                       [](const OtherFile& file) { return file.role == Role::not_understood; });
  return result;
}

bool is_program(std::string_view path) {
  const std::string ending = to_lower(std::string(ending_of(path)));
  return is_one_of(program_endings, ending) || is_one_of(class_endings, ending);
}

std::optional<NameMatch> match_program(const NamePattern& pattern, const std::string& path) {
  if (!is_program(path)) return std::nullopt;
  for (const char* ending : {".sql", ".up.sql", "-up.sql"}) {
    if (auto match = pattern.match(std::string(without_ending(path)) + ending)) return match;
  }
  return std::nullopt;
}

void warn_of_helpers(MigrationDirectory& directory) {
  std::vector<std::string> names;
  for (const OtherFile& file : directory.other_files) {
    if (file.role == Role::harmless && (file.why == nameless || file.why == a_down))
      names.push_back("\"" + file.path + "\"");
  }
  if (names.empty()) return;
  const std::size_t count = names.size();
  if (count > 3) names.resize(3);
  directory.warnings.push_back(
      count == 1 ? names[0] + " is no " + directory.convention + " migration and is left out"
                 : std::to_string(count) + " SQL files are no " + directory.convention +
                       " migrations and are left out: " + join(names, ", ") + (count > 3 ? ", ..." : ""));
}

bool has_version(std::string_view name) {
  if (name.starts_with("R__")) return true;
  constexpr std::string_view kinds = "VvUuBb";
  if (!name.empty() && kinds.find(name[0]) != kinds.npos) name.remove_prefix(1);
  const std::size_t end = name.find_first_not_of("0123456789");
  if (end == 0) return false;
  if (end == name.npos) return !name.empty();
  constexpr std::string_view separators = "-_. T+";
  return separators.find(name[end]) != separators.npos;
}

std::vector<OtherFile> account_for(const Convention& convention, const FileSet& files, const Reading& reading,
                                   const MigrationOptions& options) {
  return Accountant(convention, files, reading, options).all();
}

}  // namespace plumbline
