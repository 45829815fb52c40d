#include "cli/locate.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/environment.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/wrap.h"
#include "migrations/usual_places.h"
#include "postgres/text.h"
#include "report/escape.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;
using Directories = std::vector<UsualDirectory>;

// From the working directory up to the top of its repository, outside of one the working directory alone.
std::vector<fs::path> up_to_repository() {
  std::vector<fs::path> folders;
  std::error_code failed;
  fs::path shown = ".";
  for (fs::path folder = fs::current_path();; folder = folder.parent_path()) {
    folders.push_back(shown);
    if (fs::exists(folder / ".git", failed)) return folders;
    if (folder == folder.parent_path()) return {"."};
    shown = shown == "." ? ".." : shown / "..";
  }
}

std::vector<fs::path> projects_of(const Settings& settings) {
  if (settings.config_file.empty()) return up_to_repository();
  const fs::path folder = fs::path(settings.config_file).parent_path();
  return {folder.empty() ? "." : folder};
}

// Other tools' own words for the place; .env files of such projects have them.
std::vector<std::string> named_by_tools() {
  std::vector<std::string> paths;
  for (const char* name : {"DBMATE_MIGRATIONS_DIR", "GOOSE_MIGRATION_DIR"}) {
    if (const auto path = environment_variable(name)) paths.push_back(fs::path(*path).lexically_normal());
  }
  return paths;
}

struct MigrationSearch {
  std::vector<fs::path> projects;
  Directories holding, others;  // with migrations, of one project; and without
};

MigrationSearch find_projects_migrations(const Settings& settings) {
  MigrationSearch result{.projects = projects_of(settings), .holding = {}, .others = {}};
  std::vector<std::string> more = named_by_tools();
  for (const fs::path& project : result.projects) {
    for (UsualDirectory& found : find_usual_directories(project, settings.migrations, more)) {
      (found.conventions.empty() ? result.others : result.holding).push_back(std::move(found));
    }
    if (!result.holding.empty()) break;
    more.clear();
  }
  return result;
}

[[noreturn]] void ask_which(const MigrationSearch& search, const Settings& settings) {
  std::string message = "migrations were found in more than one directory: ", hint = "Name one of them:";
  for (const UsualDirectory& found : search.holding) {
    message += fmt::format("{}\"{}\" ({})", &found == &search.holding.front() ? "" : ", ",
                           visible_line(found.path), join(found.conventions, " or "));
    hint += "\n  --migrations " + shell_word(found.path);
  }
  const std::string file = settings.config_file.empty() ? "plumbline.toml" : settings.config_file;
  hint += "\nor, for every run, in " + visible_line(file) + " one of:";
  for (const UsualDirectory& found : search.holding) {
    hint +=
        "\n  [migrations]\n  path = " + toml_string(settings.config_file.empty() ? found.path : found.place);
  }
  throw UsageError(message, hint);
}

std::string shown_project(const fs::path& project) {
  return project == "." ? "the working directory" : "\"" + visible_line(project.string()) + "\"";
}

std::string seen_instead(const Directories& others) {
  std::string text;
  for (const UsualDirectory& other : others) {
    std::string what = other.files.empty() ? "is empty" : "holds no migrations in SQL that are recognised: ";
    for (const std::string& file : other.files)
      what += (&file == &other.files.front() ? "\"" : ", \"") + visible_line(file) + "\"";
    text += "\n\"" + visible_line(other.path) + "\" " + what;
  }
  return text;
}

[[noreturn]] void refuse_none(const MigrationSearch& search) {
  std::vector<std::string> folders;
  for (const fs::path& project : search.projects) folders.push_back(shown_project(project));
  throw UsageError("no migrations directory was named, and none was found in " + join(folders, ", ") +
                       seen_instead(search.others),
                   "Name it with --migrations DIR, or in plumbline.toml:\n  [migrations]\n  path = \"DIR\"\n"
                   "\"plumbline init\" sets up a new project. Looked for:\n  " +
                       wrapped(join(usual_places(), ", "), 76, "  ", 2));
}

}  // namespace

std::string migrations_path(const Settings& settings) {
  if (!settings.migrations.path.empty()) return settings.migrations.path;
  const MigrationSearch found = find_projects_migrations(settings);
  if (found.holding.size() > 1) ask_which(found, settings);
  if (found.holding.empty()) refuse_none(found);
  const std::string& path = found.holding.front().path;
  log::info("using the migrations in " + visible_line(path));
  return path;
}

std::string new_migrations_path(const Settings& settings) {
  if (!settings.migrations.path.empty()) return settings.migrations.path;
  MigrationSearch found = find_projects_migrations(settings);
  if (found.holding.size() > 1) ask_which(found, settings);
  // An empty place of another tool is left to that tool.
  Directories& empty = found.others;
  std::erase_if(empty, [](const auto& other) { return !other.files.empty() || !other.tool.empty(); });
  const Directories& usable = found.holding.empty() ? empty : found.holding;
  if (usable.size() != 1) return "migrations";
  log::info("using the directory " + visible_line(usable.front().path));
  return usable.front().path;
}

}  // namespace plumbline
