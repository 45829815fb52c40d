#pragma once

#include <string>
#include <string_view>

#include "snapshot/object.h"
#include "snapshot/scene.h"
#include "snapshot/script.h"

// What indexes, and the keys that stand on one, have in common on a database in use.
namespace plumbline::kinds {

// Whether the table of that part is made by the script: nobody uses it yet.
bool is_of_new_table(const ObjectId& part, const Scene& scene);

bool is_of_partitioned(const Object& own_index);
// An index of a partitioned table that some partitions have no part of. A partition that is attached is given
// a part at once, so it is made when all of them are.
bool is_incomplete(const Object& own_index);

// A name that is free while the script runs, made from another one.
std::string temporary_name(std::string_view name, std::string_view ending);

// CREATE INDEX CONCURRENTLY of an index under any name.
void create_concurrently(const Object& object, std::string_view name, Script& out);
// By its whole name.
void drop_concurrently(const std::string& name, Script& out);
// The new one is made under another name, so that there is always one.
void replace_concurrently(const Object& object, Script& out);

}  // namespace plumbline::kinds
