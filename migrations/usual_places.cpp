#include "migrations/usual_places.h"

#include <algorithm>

#include "migrations/convention.h"
#include "migrations/file_set.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

// Where a place is one tool's own, the tool's name.
struct Place {
  std::string_view path, tool = "";
};

constexpr Place places[] = {
    {"migrations"},
    {"db/migrations"},
    {"db/migrate", "rails"},
    {"db/migration"},
    {"database/migrations"},
    {"sql/migrations"},
    {"sql", "flyway"},
    {"schema/migrations"},
    {"src/migrations"},
    {"src/db/migrations"},
    {"src/database/migrations"},
    {"internal/migrations"},
    {"internal/db/migrations"},
    {"internal/database/migrations"},
    {"internal/storage/migrations"},
    {"pkg/migrations"},
    {"pkg/db/migrations"},
    {"scripts/migrations"},
    {"deploy/migrations"},
    {"postgres/migrations"},
    {"postgresql/migrations"},
    {"prisma/migrations", "prisma"},
    {"prisma/schema/migrations", "prisma"},
    {"supabase/migrations", "supabase"},
    {"drizzle", "drizzle"},
    {"drizzle/migrations", "drizzle"},
    {"migrations/default", "hasura"},
    {"hasura/migrations", "hasura"},
    {"hasura/migrations/default", "hasura"},
    {"priv/repo/migrations", "ecto"},
    {"conf/evolutions/default", "play-evolutions"},
    {"src/main/resources/db/migration", "flyway"},
    {"sqitch", "sqitch"},
};

// A project whose own directory is what the tool works in.
constexpr std::string_view project_control_file = "sqitch.plan", project_convention = "sqitch";

bool says_nothing(const FileSet::File& file) {
  const std::string name = to_lower(fs::path(file.path).filename().string());
  return name.starts_with("readme");
}

// The usual places below this one are directories of their own.
std::vector<std::string> inner_places(std::string_view place) {
  std::vector<std::string> patterns;
  for (const Place& other : places) {
    if (other.path.starts_with(place) && other.path.substr(place.size()).starts_with('/'))
      patterns.push_back(std::string(other.path.substr(place.size() + 1)) + "/*");
  }
  return patterns;
}

bool holds_locations(const fs::path& path, const MigrationOptions& options) {
  return std::ranges::all_of(options.locations, [&](const std::string& location) {
    std::error_code failed;
    return fs::is_directory(path / location, failed) && !fs::is_empty(path / location, failed);
  });
}

std::vector<std::string> first_names(const FileSet& files) {
  std::vector<std::string> names;
  for (const FileSet::File& file : files.files) {
    if (names.size() < 3 && !says_nothing(file)) names.push_back(file.path);
  }
  return names;
}

UsualDirectory look_into(const fs::path& path, const Place& place, const MigrationOptions& given) {
  MigrationOptions options = given;
  options.path = path.string();
  for (std::string& pattern : inner_places(place.path)) options.exclude.push_back(std::move(pattern));
  const bool complete = holds_locations(path, options);
  if (!complete) options.locations.clear();
  const FileSet files = read_heads(options);
  UsualDirectory found{.path = options.path,
                       .place = std::string(place.path),
                       .tool = std::string(place.tool),
                       .conventions = {},
                       .files = first_names(files)};
  if (complete) found.conventions = fitting_conventions(options, files);
  return found;
}

class Finder {
 public:
  explicit Finder(const MigrationOptions& options) : options_(options) {}

  void look_at(const fs::path& path, const Place& place) {
    if (is_new_directory(path)) found_.push_back(look_into(path, place, options_));
  }

  // Of a whole project only the control file is looked at.
  void look_at_project(const fs::path& project) {
    std::error_code failed;
    const bool any = options_.convention.empty() && options_.custom.file_pattern.empty();
    if (!any && options_.convention != project_convention) return;
    if (!fs::is_regular_file(project / project_control_file, failed) || !is_new_directory(project)) return;
    found_.push_back({.path = project.string(),
                      .place = ".",
                      .tool = std::string(project_convention),
                      .conventions = {std::string(project_convention)},
                      .files = {std::string(project_control_file)}});
  }

  std::vector<UsualDirectory> found() { return std::move(found_); }

 private:
  bool is_new_directory(const fs::path& path) {
    std::error_code failed;
    if (!fs::is_directory(path, failed)) return false;
    const fs::path whole = fs::canonical(path, failed);
    if (failed || std::ranges::find(seen_, whole) != seen_.end()) return false;
    seen_.push_back(whole);
    return true;
  }

  const MigrationOptions& options_;
  std::vector<UsualDirectory> found_;
  std::vector<fs::path> seen_;
};

}  // namespace

std::vector<std::string> usual_places() {
  std::vector<std::string> paths;
  for (const Place& place : places) paths.emplace_back(place.path);
  return paths;
}

std::vector<UsualDirectory> find_usual_directories(const fs::path& project, const MigrationOptions& options,
                                                   std::span<const std::string> more) {
  if (!options.convention.empty()) choose_convention(options, {});  // an unknown one finds nothing
  Finder finder(options);
  finder.look_at_project(project);
  for (const Place& place : places) finder.look_at((project / place.path).lexically_normal(), place);
  for (const std::string& path : more) finder.look_at(path, {.path = path});
  return finder.found();
}

bool holds_files(const std::string& path) {
  std::error_code failed;
  if (!fs::is_directory(path, failed)) return false;
  MigrationOptions options;
  options.path = path;
  return !first_names(read_heads(options)).empty();
}

}  // namespace plumbline
