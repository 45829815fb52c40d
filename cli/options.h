#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/publish_flags.h"
#include "cli/runner_flags.h"
#include "postgres/error.h"

namespace plumbline {

struct Command;

// The command line makes no sense: exit code 64.
class UsageError : public Error {
 public:
  using Error::Error;
};

// What the command line says; what it leaves open is for the environment and plumbline.toml to say.
struct Options {
  const Command* command = nullptr;    // nothing when `print` is all there is to do
  std::vector<std::string> arguments;  // the command's own, as many as it declares
  std::string print;                   // of --help and --version

  std::optional<std::string> config, environment;
  std::optional<std::string> url, shadow_url, confirm;
  std::optional<std::string> migrations, convention, prelude, search_path, at, owner;
  std::optional<std::string> format, snapshot_format, fail_on, previous, previous_snapshot, cache_directory,
      witness;
  std::vector<std::string> outputs, include, exclude, presets;
  std::optional<bool> colour;
  std::optional<std::string> name, lock_timeout, section;  // of catchup
  std::vector<std::string> allowed_hazards, renames, no_renames, only, except, accept, using_expressions;
  bool revert = false, adopt = false, write = false, offline = false, apply = false, yes = false,
       mark_applied = false;
  bool sql = false, unproven = false, cluster = false, no_cache = false, record = false;
  bool quiet = false, verbose = false, trust_project = false;
  RunnerFlags runner;
  PublishFlags publish;
};

// Throws UsageError, with what was probably meant.
Options parse_options(int argc, const char* const* argv);

// Overwrites passwords in the process's own arguments, which every user of the machine can read. To be called
// once they are parsed.
void hide_passwords(int argc, char** argv);
// Keeps passwords of the command line out of all messages, those of a mistyped URL, too.
void note_passwords(int argc, char** argv);

}  // namespace plumbline
