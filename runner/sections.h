#pragma once

#include "migrations/migration.h"

namespace plumbline {

// The down sections as a directory of their own, place by place, so that one place knows how a section is
// run.
MigrationDirectory down_sections(const MigrationDirectory& directory);

}  // namespace plumbline
