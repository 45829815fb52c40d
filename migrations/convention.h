#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/directory.h"
#include "migrations/file_set.h"

namespace plumbline {

// A migration before its text is split into statements.
struct Draft {
  Migration migration;
  std::string up,
      down;  // the files' bytes; what belongs to another section is blanked out, so offsets are the file's
};

// What a convention makes of a directory.
struct Reading {
  std::vector<Draft> drafts;
  std::vector<std::string> code_versions;  // versions whose file is a program
  std::vector<std::string> warnings;
  std::vector<OtherFile> set_aside;  // files named as migrations that the tool does not run, and why
};

// How a tool is made to know a migration as applied that it has not run.
struct Marking {
  // Statements separated by ";;" with {table}, {version}, {name}, {description} (the name in words), {file}
  // (without its folders), {path} and {checksum} as literals; empty: a row that the tool would accept is not
  // known, or needs what the directory does not say.
  std::string_view sql = "";
  // The same, for one that was taken back; where the ledger is one row that names the last version, what
  // makes it name none.
  std::string_view undo = "";
  std::string_view command = "";  // the tool's own, with {version} and {file}; empty: it has none
  bool all_before = false;        // everything up to the version counts as applied then
  bool last_alone = false;        // the ledger is one row, which names the last version
};

// Where and how a tool remembers what it applied.
struct LedgerRules {
  std::string_view table;        // its name on live, "schema.name" when the schema is fixed
  std::string_view columns;      // comma-separated: what the table must have to be this tool's
  std::string_view absent = "";  // comma-separated: what another tool's table of the same name has
  // SELECT with {table} for the table; yields version, state (applied, failed, pending, rolled_back, before,
  // ignored) and the tool's checksum, oldest row first; of rows with one version the last counts. "before"
  // says that everything up to the version is applied.
  std::string_view sql;
  std::string_view own = "";  // comma-separated: further tables beside it, or whole schemas "drizzle.*"
  std::string_view first_steps = "";  // comma-separated versions that the tool itself writes and no file has
  std::string (*checksum)(const Migration&) = nullptr;
  std::string_view tool = "";        // whose it is, where that is not who the convention is named after
  bool is_own = false;               // plumbline's ledger: its rows are called as ledger_keys() says
  bool checksum_identifies = false;  // a row whose version no file has belongs to the file with its checksum
  Marking marking = {};
};

// What a row of a ledger says of its version, as its rules spell it.
namespace ledger_state {
inline constexpr std::string_view applied = "applied", failed = "failed", rolled_back = "rolled_back",
                                  ignored = "ignored",
                                  before = "before",  // this one and all before it are applied
    dirty = "dirty",                                  // all before it are applied, this one failed
    baseline = "baseline";                            // as before, but it needs no file
}  // namespace ledger_state

// One file of a new migration, in parts: what is done, and what takes it back. Filled in are {version},
// {name}, {type} of its path, and in its text also {header} of plumbline's format, {about}, {up}, {down} and
// {last}, the version before it.
struct NewFile {
  std::string_view path, up, down = "";
};

// How a tool's next migration is made.
struct NextMigration {
  std::string_view first_version;   // where there is none yet; it also shows what versions look like
  std::vector<NewFile> files = {};  // none: only the tool itself can do it
  std::string_view made_by = "";    // then: its command
};

// One tool's way of keeping migrations: mostly data, so that [migrations.custom] can say the same.
struct Convention {
  std::string_view name;
  std::string_view example;  // what its files look like, for messages
  CustomConvention layout;
  // How it is recognised. A control file or a marker beats names; of two equally good ones the one with more
  // files wins.
  std::string_view control_file = "";  // glob on the relative path
  std::string_view markers = "";       // texts that only its SQL files hold, separated by '|'
  int by_name = 0;                  // 0: never from names alone; 1: names that several tools use; 2: its own
  std::string_view own_names = "";  // pattern of the names that count for by_name; empty: all it reads
  bool sections_required = false;   // a file without the up marker is an error
  bool numeric_version = false;     // the ledger holds the version as a number: 0042 is 42
  void (*refine)(Reading&, const FileSet&) = nullptr;  // what the table cannot say
  bool folders = false;                                // each migration has a folder of its own
  std::string_view parts = "";  // globs, separated by '|': what the tool keeps beside its migrations
  std::string_view scope = "";  // globs: what may be a migration at all; empty: any file
  std::vector<LedgerRules> ledgers = {};
  std::string_view family =
      "";  // comma-separated; conventions of one family read the same files alike and differ in their ledger
  NextMigration next = {};
};

std::span<const Convention> all_conventions();
const Convention* find_convention(std::string_view name);

// The convention of the options, or the one the files show. Throws Error: unknown, none or several.
Convention choose_convention(const MigrationOptions& options, const FileSet& files);

// The names of the conventions that the files follow; several when they fit equally well. When the options
// name one, that one or none. Throws Error for an unknown convention.
std::vector<std::string> fitting_conventions(const MigrationOptions& options, const FileSet& files);

// Lists the migrations of a directory in the order of the tool, each version once. `stand_ins` are those of
// the options.
Reading read_layout(const Convention& convention, const FileSet& files,
                    const std::map<std::string, std::string>& stand_ins = {});

// Versions compared as the ledger and the files may write them differently: 0042 is 42, 1.0 is 1.
std::string version_key(std::string_view version);
// Less, equal, greater by the convention's order ("number", "text", "dotted").
int compare_versions(std::string_view order, std::string_view a, std::string_view b);

// The digits without leading zeros.
std::string_view without_zeros(std::string_view digits);
// True for a text of one or more digits.
bool is_number(std::string_view text);

// The value of "key = value", "key: value" or "key=value" in a small configuration file; empty when absent.
std::string setting_in(std::string_view bytes, std::string_view key);

// In conventions/: each returns the entries of the tools named in its file.
std::vector<Convention> numbered_conventions();
std::vector<Convention> sectioned_conventions();
std::vector<Convention> folder_conventions();
Convention plumbline_convention();
Convention flyway_convention();
Convention drizzle_convention();
Convention sqitch_convention();

}  // namespace plumbline
