#pragma once

#include <string>
#include <vector>

#include "catchup/catch_up.h"
#include "cli/settings.h"
#include "diff/finding.h"
#include "migrations/migration.h"

namespace plumbline {

// What the head of a script says of where it comes from.
struct ScriptHead {
  const std::vector<Finding>& findings;  // what differs, and where it comes from
  std::string about;                     // "live database shop differs from db/migrations"
  std::vector<std::string> marks;        // lines by which "up" knows what the file is, "Key: value"
  const Settings& settings;
  bool guarded = true;            // for one database as it is now, and by psql; else a migration for many
  bool each_transaction = false;  // as in SectionOptions
};

// Head, guard, statements, and what is left as comments: the up section of a file.
std::string up_script(const CatchUp& found, const ScriptHead& head);
// The same of the way back, under a head of its own; or as what stands below up_script in one file.
std::string down_script(const CatchUp& found, const ScriptHead& head);
std::string down_section(const CatchUp& found, const ScriptHead& head);

// As a new migration of the directory. Returns the path of its file, or of both.
std::string write_migration(const CatchUp& found, const ScriptHead& head,
                            const MigrationDirectory& directory);

}  // namespace plumbline
