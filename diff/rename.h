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
std::vector<SuspectedRename> suspected_renames(const Snapshot& actual, const Snapshot& expected,
                                               std::span<const Difference> differences);

}  // namespace plumbline
