#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catchup/plan.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// What the user says of two objects: they are one, under another name.
struct RenameWish {
  std::string from, to;  // "public.users.mail", as reports write them; in either order
};

// "public.users.mail", as it is, without quotes.
std::string plain_name(const ObjectId& id);

// The wish as two objects of one kind.
struct Renaming {
  ObjectId from, to;
};

// Finds the objects that are meant: one that only `actual` has and one that only `expected` has. Throws Error
// when there are none such.
std::vector<Renaming> find_renamings(const Snapshot& actual, const Snapshot& expected,
                                     const std::vector<RenameWish>& wishes);

// The quoted and qualified name of what has that one before, or behind, the renaming.
std::string name_behind(const std::vector<Renaming>& renamings, const std::string& before);
std::string name_before(const std::vector<Renaming>& renamings, const std::string& behind);

// The statements that rename, those of the largest things last: what a name is written with is still there.
std::vector<Statement> renaming_statements(const std::vector<Renaming>& renamings);
// The statements that take it back.
std::vector<Statement> renaming_back(const std::vector<Renaming>& renamings);

}  // namespace plumbline
