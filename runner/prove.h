#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "expected/expected.h"
#include "migrations/migration.h"

namespace plumbline {

// What running a migration up, down and up again has shown.
struct DownProof {
  enum class Verdict {
    faithful,      // the state before is the state after, and the second up ends where the first did
    no_down,       // there is no down section
    irreversible,  // declared so, with a reason
    keeps_schema,  // the up changes no schema, so there is nothing to restore
    empty,         // there is a down section with nothing in it
    fails,         // the server refuses it
    unfaithful,    // the state after the down is not the one before the up
    up_fails,      // the second up is refused
    up_differs     // the second up ends elsewhere
  } verdict = Verdict::faithful;
  std::size_t place = 0;  // in the directory
  std::string version, file;
  std::string message;               // of the server, or the reason
  std::vector<std::string> changes;  // what the down left otherwise: "table public.a is left behind"
};

std::string_view to_string(DownProof::Verdict verdict);
// Whether it says that the down is no good.
bool is_bad(DownProof::Verdict verdict);

struct ProveOptions {
  ExpectedOptions expected;
  std::vector<std::size_t> places;  // of the migrations to be proved; empty: all
  std::function<void(const DownProof&)> each = {};
};

// Runs every migration of the history on a throw-away server, and those to be proved up, down and up again on
// a copy of the state before them. Throws Error when an up fails the first time.
std::vector<DownProof> prove_downs(const MigrationDirectory& directory, const ProveOptions& options);

}  // namespace plumbline
