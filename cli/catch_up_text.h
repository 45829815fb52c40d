#pragma once

#include <ostream>
#include <string>

#include "catchup/catch_up.h"
#include "cli/settings.h"
#include "migrations/migration.h"
#include "report/report.h"

namespace plumbline {

struct CatchUpText {
  const CatchUp& found;
  const Report& report;            // what differs, and where it comes from
  const std::string& fingerprint;  // of live
  const Settings& settings;
};

// Both sections, or the one that is asked for, under a header that says what they are for.
void write_sections(const CatchUpText& text, std::ostream& out);

// As a new migration of the directory. Returns the path of its file, or of both.
std::string write_migration(const CatchUpText& text, const MigrationDirectory& directory);

}  // namespace plumbline
