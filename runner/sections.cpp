#include "runner/sections.h"

namespace plumbline {

MigrationDirectory down_sections(const MigrationDirectory& directory) {
  MigrationDirectory downs;
  downs.path = directory.path;
  downs.convention = directory.convention;
  downs.settings = directory.settings;
  for (Migration migration : directory.migrations) {
    migration.up = migration.down;
    migration.file = migration.down_file;
    downs.migrations.push_back(std::move(migration));
  }
  return downs;
}

}  // namespace plumbline
