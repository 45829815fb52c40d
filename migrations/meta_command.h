#pragma once

#include <string>
#include <string_view>

namespace plumbline {

// What a psql meta-command (\name arguments) means for a file that we run ourselves.
struct MetaCommand {
  enum class Effect {
    none,            // concerns psql's own output: skipped
    defines,         // \set: skipped, but its variable must not be used
    ends_statement,  // \g, \;: as a semicolon
    ends_file,       // \q
    refused          // reads files, runs programs or depends on results
  };
  Effect effect = Effect::refused;
  std::string name = {};      // "\copy"
  std::string variable = {};  // of \set
  std::string hint = {};      // of a refused one
};

// `line` starts at the backslash and ends before the line break.
MetaCommand meta_command(std::string_view line);

}  // namespace plumbline
