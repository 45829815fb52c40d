#include <algorithm>
#include <filesystem>
#include <numeric>
#include <ostream>

#include "cli/accounts.h"
#include "cli/commands.h"
#include "cli/locate.h"
#include "cli/location.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/runner_json.h"
#include "cli/runner_setup.h"
#include "migrations/usual_places.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "postgres/visible.h"
#include "runner/new_migration.h"
#include "runner/validate.h"

namespace plumbline {
namespace {

// Whoever names a file that is no migration learns why it is none.
void refuse_named_stray(const MigrationDirectory& directory, const std::string& name) {
  for (const OtherFile& file : directory.other_files) {
    const auto path = (std::filesystem::path(directory.path) / file.path).lexically_normal();
    if (file.path != name && path.string() != name) continue;
    throw Error("\"" + name + "\" is no migration of " + directory.convention +
                    (file.why.empty() ? "" : ": " + file.why),
                file.role == OtherFile::Role::not_understood ? way_on(directory, {file})
                                                             : "\"plumbline list\" shows all that are");
  }
}

// The files that may be migrations and are none.
void add_strays(const MigrationDirectory& directory, std::vector<Problem>& problems) {
  for (const OtherFile& file : directory.not_understood()) {
    const std::string path = (std::filesystem::path(directory.path) / file.path).lexically_normal().string();
    problems.push_back({.rule = "files",
                        .place = path + ":1:1",
                        .message = "not understood beside migrations of " + directory.convention +
                                   ", would never run" + (file.why.empty() ? "" : ": " + file.why),
                        .hint = way_on(directory, {file}),
                        .file = file.path});
  }
}

// Files as the user names them: as the shell completes them, relative to the directory, or by version.
std::vector<std::size_t> places_of(const MigrationDirectory& directory,
                                   const std::vector<std::string>& files) {
  std::vector<std::size_t> places(directory.migrations.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (files.empty()) return places;
  std::vector<std::size_t> chosen;
  for (const std::string& file : files) {
    const std::string name = std::filesystem::path(file).lexically_normal().string();
    const auto found = std::ranges::find_if(directory.migrations, [&](const Migration& migration) {
      const std::string shown =
          std::filesystem::path(shown_name(directory, migration)).lexically_normal().string();
      return shown == name || migration.file == name || migration.version == file;
    });
    if (found == directory.migrations.end()) {
      refuse_named_stray(directory, name);
      throw Error("\"" + file + "\" is no migration of \"" + directory.path + "\"",
                  "\"plumbline list\" shows them all.");
    }
    chosen.push_back(static_cast<std::size_t>(found - directory.migrations.begin()));
  }
  std::ranges::sort(chosen);
  return chosen;
}

void write_text(const std::vector<Problem>& problems, std::size_t count, std::ostream& out) {
  for (const Problem& problem : problems) {
    out << visible_line(problem.place) << ": " << (problem.is_error ? "error" : "warning") << ": "
        << visible_line(problem.message) << " [" << visible_line(problem.rule) << "]\n";
    if (!problem.hint.empty()) out << "    " << visible(problem.hint) << '\n';
  }
  if (problems.empty()) out << count << (count == 1 ? " migration is" : " migrations are") << " valid\n";
}

}  // namespace

int run_validate(const Settings& settings, const RunnerFlags& flags) {
  const MigrationDirectory directory = load_directory(settings, Strays::pass);
  const std::vector<std::size_t> places = places_of(directory, flags.arguments);
  RuleContext context{.directory = directory, .places = places};
  LedgerEntries entries;
  if (!settings.url.empty()) {
    const std::unique_ptr<Connection> live = connector(settings)();
    entries = read_entries(*live, settings.runner.ledger_schema);
    context.entries = &entries;
    context.server = live->version();
  }
  std::vector<Problem> problems = validate(context);
  if (flags.arguments.empty()) add_strays(directory, problems);
  write_output(settings, [&](const Output&, std::ostream& out) {
    flags.json ? write_json(problems, out) : write_text(problems, places.size(), out);
  });
  return std::ranges::any_of(problems, &Problem::is_error) ? 1 : 0;
}

int run_new(const Settings& given, const RunnerFlags& flags) {
  Settings settings = given;
  const std::string& path = settings.migrations.path = new_migrations_path(given);
  std::unique_ptr<MigrationDirectory> directory;
  if (holds_files(path)) directory = std::make_unique<MigrationDirectory>(load_directory(settings));
  const std::string& convention = settings.migrations.convention;
  const std::string location = location_of_new(settings, flags.location.value_or(""), directory.get());
  const std::vector<std::string> files = write_new_migration(path, directory.get(),
                                                             {.name = join(flags.arguments, " "),
                                                              .type = flags.type.value_or(""),
                                                              .phase = flags.phase.value_or(""),
                                                              .description = flags.description.value_or(""),
                                                              .location = location},
                                                             convention.empty() ? "plumbline" : convention);
  write_output(settings, [&](const Output&, std::ostream& out) {
    for (const std::string& file : files) out << visible_line(file) << '\n';
  });
  return 0;
}

}  // namespace plumbline
