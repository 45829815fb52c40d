#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

// One statement of a file as it is sent to the server, without its semicolon.
struct SqlStatement {
  enum class Type { sql, copy_in } type = Type::sql;
  std::string text;
  std::string data;        // of COPY ... FROM stdin
  std::size_t offset = 0;  // of its first byte in the file
  int line = 1,
      column = 1;  // of its first character that is neither space nor comment; 1-based, in characters
  bool in_transaction =
      true;  // false: the server refuses it inside one (CREATE INDEX CONCURRENTLY, VACUUM, ...)
};

// One migration, whatever tool it was written for.
struct Migration {
  std::string version;      // as the tool's ledger writes it; for repeatable ones their name
  std::string name;         // the human part: "add orders"
  std::string file;         // the up file, relative to the directory, with '/'
  std::string down_file;    // may be `file`; empty when there is none
  bool repeatable = false;  // Flyway R__
  bool transactional =
      true;              // false: the tool runs it outside a transaction (by directive, config or content)
  std::string checksum;  // SHA-256 of the up statements, comments and layout apart
  std::vector<SqlStatement> up;
  std::vector<SqlStatement> down;
  bool has_down = false;
  std::string description, type, phase;   // of plumbline's own header; empty otherwise
  std::vector<std::string> dependencies;  // versions or names, of the header
  std::string up_bytes;                   // the up file as it is, for the tool's own checksum
  std::string stands_in_for;              // the program whose work this SQL does; empty: it is no stand-in
  bool has_sections = false;              // a line of the file opens its up section
};

struct LedgerQuery {
  std::string
      table;  // "schema.name" or "name", as found on live; hidden from the comparison when only live has it
  std::string sql;  // yields version and, where the tool has one, a state; empty: the convention's own
};

// Settings a session must have before a file is run, name and value.
struct SessionSetting {
  std::string name, value;
};

// A file below the directory that is no migration, and what it is instead.
struct OtherFile {
  enum class Role {
    part,           // of a migration, or the tool's own: a lock file, its configuration, a snapshot
    harmless,       // documents, data, helpers, what editors leave behind
    program,        // a migration in a programming language, accounted for
    excluded,       // by "exclude" or outside of "locations"
    not_understood  // it may be a migration that would never run
  };
  std::string path;
  Role role = Role::harmless;
  std::string why;
};
std::string_view to_string(OtherFile::Role role);  // "part", ..., "not understood"

struct MigrationDirectory {
  std::string path;                   // as given
  std::string convention;             // "dbmate"
  std::vector<Migration> migrations;  // in the order the tool would apply them
  std::vector<SessionSetting> settings;
  std::vector<std::string> warnings;
  std::vector<std::string>
      code_versions;    // versions whose files are programs (Go, Java, ...): known, but not run
  std::string example;  // what its convention's files look like, for messages
  std::vector<OtherFile> other_files;  // with `migrations`, every file below the directory

  std::vector<OtherFile> not_understood() const;
};

}  // namespace plumbline
