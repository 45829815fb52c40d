#pragma once

#include <span>
#include <string>
#include <vector>

#include "diff/compare.h"

namespace plumbline {

// A missing and an unexpected object that may be one, renamed.
struct SuspectedRename {
  ObjectId missing, unexpected;
  std::string why;  // "same place and type"
  // Another object would do as well: each pair that either of the two is part of is in the result.
  bool ambiguous = false;
  bool known = false;   // by the OID, not guessed
  bool likely = false;  // so much alike that people are told of a rename and not of two objects
};

// "plumbline catchup --revert --rename public.t.mail=public.t.email", to be pasted.
std::string rename_command(const ObjectId& from, const ObjectId& to);

// Missing and unexpected objects that may be one under another name. A pair that is named for nothing costs a
// question, one that is not named costs the rows of what is dropped: for kinds that hold rows
// (Kind::holds_rows) a likeness is enough, the others have to be equal but for the name, owner, privileges
// and comment. What moves along with its renamed parent or schema is no pair of its own. A column of a
// renamed table may be one: its `missing` is then a part of the missing table, its `unexpected` of the
// unexpected one. In canonical order.
//
// `previous` is an earlier snapshot of the actual database (comparable_by_oid), or null: what had the missing
// name then and has the unexpected one now is known to be renamed, and two objects that were not one then are
// no pair.
std::vector<SuspectedRename> suspected_renames(const Snapshot& actual, const Snapshot& expected,
                                               std::span<const Difference> differences,
                                               const Snapshot* previous = nullptr);

// Whether OIDs of both mean the same objects: two snapshots of one database, with the OIDs in them.
bool comparable_by_oid(const Snapshot& previous, const Snapshot& actual);

}  // namespace plumbline
