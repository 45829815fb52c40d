#pragma once

#include <map>
#include <string>
#include <vector>

#include "migrations/migration.h"

namespace plumbline {

// A convention for tools we do not know by name, as written under [migrations.custom] in plumbline.toml.
// docs/conventions.md explains each with an example.
struct CustomConvention {
  std::string
      file_pattern;  // regular expression on the relative path, with groups named version, name, direction
  std::string order = "number";                  // number, text, dotted
  std::string up_marker = {}, down_marker = {};  // regular expressions on a line that opens a section; both
                                                 // empty: the whole file is up
  std::string no_transaction_marker =
      {};                            // regular expression; a file in which a line matches runs outside one
  std::string transaction = "file";  // file, none
  bool repeats_versions = false;  // two files may have one version; both are run, in the order of their names
  std::string ledger_table = {};  // "schema.table"
  std::string ledger_query = {};  // SELECT yielding the applied versions, one a row
};

struct MigrationOptions {
  std::string path;
  std::string convention;              // empty: recognise by looking
  std::vector<std::string> locations;  // folders below path, for tools with several; empty: path itself
  std::map<std::string, std::string>
      placeholders;                           // text -> replacement, substituted literally in every file
  std::vector<SessionSetting> settings;       // of the session, for every file
  std::vector<std::string> no_transaction;    // globs on the relative path
  std::vector<std::string> exclude;           // globs on the relative path: files that are no migrations
  std::vector<std::string> missing_versions;  // ledger versions known to have no file here (code migrations)
  std::map<std::string, std::string>
      stand_ins;             // program -> the SQL file that does its work; both below path
  std::string ledger_table;  // where the ledger is, when not at the tool's default place
  CustomConvention custom;
};

// Names of the conventions we know, for --help and messages.
std::vector<std::string> convention_names();

// Reads a directory: recognises the convention, orders the files as the tool would, splits them into
// statements, and accounts for every other file; commands refuse what is not understood. Throws Error for: no
// such directory, no migration in it, unknown or ambiguous convention, two files with one version, invalid
// UTF-8 or NUL, a psql meta-command that reads files, SQL that no supported server version could parse
// ("file:line:column: ...").
MigrationDirectory load_migrations(const MigrationOptions& options);

// The same from files in memory (a git revision): relative path and bytes.
struct SourceFile {
  std::string path, bytes;
  std::string odd = {};  // why its bytes are not there: it is a link that leads nowhere, ...
};
MigrationDirectory load_migrations(const MigrationOptions& options, const std::vector<SourceFile>& files);

}  // namespace plumbline
