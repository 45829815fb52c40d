#include "migrations/directory.h"

#include <algorithm>

#include "migrations/account.h"
#include "migrations/convention.h"
#include "migrations/header.h"
#include "migrations/source_text.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

// A file none of whose statements may run in a transaction is run without one, whatever the tool says of it;
// Flyway does so for a file with one such statement.
bool needs_no_transaction(const Migration& migration, std::string_view convention) {
  const auto refuses = [](const SqlStatement& statement) { return !statement.in_transaction; };
  if (convention == "flyway") return std::ranges::any_of(migration.up, refuses);
  return !migration.up.empty() && std::ranges::all_of(migration.up, refuses);
}

Migration finish(Draft& draft, const Convention& convention, const MigrationOptions& options,
                 const FileSet& files) {
  Migration& migration = draft.migration;
  migration.up = split_file(draft.up, options.placeholders, files.shown(migration.file));
  if (migration.has_down) {
    migration.down = split_file(draft.down, options.placeholders, files.shown(migration.down_file));
  }
  migration.checksum = statements_checksum(migration.up);
  const bool listed = std::ranges::any_of(
      options.no_transaction, [&](const auto& glob) { return glob_matches(glob, migration.file); });
  if (listed || needs_no_transaction(migration, convention.name)) migration.transactional = false;
  return std::move(migration);
}

MigrationDirectory load(const MigrationOptions& options, const FileSet& files) {
  const Convention convention = choose_convention(options, files);
  Reading reading = read_layout(convention, files, options.stand_ins);
  std::vector<OtherFile> others = account_for(convention, files, reading, options);
  MigrationDirectory directory;
  directory.path = options.path;
  directory.convention = convention.name;
  directory.settings = options.settings;
  directory.warnings = std::move(reading.warnings);
  directory.code_versions = std::move(reading.code_versions);
  directory.example = convention.example;
  directory.other_files = std::move(others);
  warn_of_helpers(directory);
  for (Draft& draft : reading.drafts) {
    directory.migrations.push_back(finish(draft, convention, options, files));
  }
  return directory;
}

}  // namespace

MigrationDirectory load_migrations(const MigrationOptions& options) {
  return load(options, read_files(options));
}

MigrationDirectory load_migrations(const MigrationOptions& options, const std::vector<SourceFile>& files) {
  return load(options, take_files(options, files));
}

}  // namespace plumbline
