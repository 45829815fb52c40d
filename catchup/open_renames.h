#pragma once

#include <span>
#include <string>
#include <vector>

#include "catchup/live_rows.h"
#include "diff/compare.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// What may have been renamed by hand: its unit waits until somebody says so (--rename FROM=TO) or denies it
// (--no-rename TO).
struct OpenRename {
  ObjectId missing, unexpected;
  std::string from, to;  // as reports write them: what there is, and what there should be
  std::string why;       // "column public.t.a looks like public.t.b under another name (same place and type)"
  std::string flags;     // "--rename public.t.a=public.t.b, or --no-rename public.t.b", to be pasted
};

struct KnownOfNames {
  const Snapshot* previous = nullptr;      // an earlier one of the same database, or none
  const std::vector<std::string>& denied;  // objects on either side, as reports write them
};

// The suspected renames (diff/rename.h) that nobody has denied, of what would lose rows if it were dropped
// and made anew.
std::vector<OpenRename> open_renames(const Snapshot& actual, const Snapshot& expected,
                                     std::span<const Difference> differences, const KnownOfNames& known,
                                     LiveRows& rows);

}  // namespace plumbline
