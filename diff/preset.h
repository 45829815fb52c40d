#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diff/ignore.h"
#include "postgres/connection.h"

namespace plumbline {

// What a managed service, an extension or another tool puts into a database by itself, and by what a server
// shows that it has it. Lists are separated by spaces; names may be globs.
struct Preset {
  std::string_view name;   // "cloudsql"
  std::string_view label;  // "Google Cloud SQL"
  struct Signs {           // any one of these is enough
    std::string_view roles{}, extensions{}, schemas{}, settings{};
    bool always = false;
  } signs;
  std::string_view schemas{};  // all that is in them is the service's
  std::string_view left{};     // kinds that people put there all the same: they are told
  std::string_view roles{};    // with their memberships, settings and default privileges
  std::string_view objects{};  // one a line: the kind, a blank, the object
  // A query for "schema.name" of what it makes in other schemas; {extension} is the schema of the extension
  // that is its sign.
  std::string_view makes{};
  bool only_unexpected = false;  // what both sides have is compared
};

std::span<const Preset> all_presets();
std::vector<std::string> preset_names();

// A preset that counts in this run.
struct ActivePreset {
  const Preset* preset = nullptr;
  std::vector<IgnoreRule> rules{};
  std::set<std::string, std::less<>> made{};  // "schema.name"
};

// The presets that `names` say: "auto" stands for those that `live` shows signs of, "none" for none. Without
// a server to look at, auto means those that always count. Reads only. Throws Error for a name that is none.
std::vector<ActivePreset> active_presets(std::span<const std::string> names, Connection* live);

// Takes out of `findings` what the preset knows. What is missing on live is always told.
HiddenFindings hide(std::vector<Finding>& findings, const ActivePreset& preset);

}  // namespace plumbline
