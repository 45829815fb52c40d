#pragma once

#include <string>
#include <vector>

#include "migrations/directory.h"

namespace plumbline {

// What a STATE argument names.
struct State {
  enum class Type { live, snapshot_file, migrations, sql_file, git, empty } type = Type::empty;
  std::string text;            // as given: the conninfo, the file or the directory
  std::string revision, path;  // of git:REV:PATH
};

// Recognises a state by its form. Throws Error for a file that is not there and for a text that is no state.
State parse_state(const std::string& text);

// "migrations in db/migrations": for people, without a password.
std::string describe(const State& state);

// The files below PATH at a revision, paths relative to it, read from the repository the working directory is
// in. As in git itself PATH starts at the repository's top, and ./PATH at the working directory. Throws Error
// for no repository, an unknown revision, a path that is not there, is no folder or holds no file.
std::vector<SourceFile> read_git(const std::string& revision, const std::string& path);

}  // namespace plumbline
