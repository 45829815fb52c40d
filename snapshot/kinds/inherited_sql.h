#pragma once

#include <vector>

#include "snapshot/object.h"
#include "snapshot/scene.h"
#include "snapshot/script.h"

// What is to be said of columns that come from parent tables.
namespace plumbline::kinds {

// Kind::is_handed_on of what has an attribute "inherited".
bool is_handed_on(const Object& object);
// Whether a new part of the table comes with the one of a parent, below which the table stays.
bool is_handed_on_by_parent(const Object& part, const Scene& scene);
// Says that what has been added before its table is put below a parent is the table's own, too.
void refuse_from_parent_alone(const Object& part, const Scene& scene, Script& out);
bool alter_inherited(const Change& change, Script& out);
// The same for a check, which becomes the table's own, too, when it is added once more.
bool alter_inherited_check(const Change& change, Script& out);
// The columns that the table (or foreign table) of `column` has this one from on that side: its namesakes in
// the parents.
std::vector<Object> columns_of_parents(const Object& column, const Snapshot& side);
void settle_inherited_columns(const Object& relation, Scene& scene, Script& out);

}  // namespace plumbline::kinds
