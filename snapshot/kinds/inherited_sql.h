#pragma once

#include "snapshot/object.h"
#include "snapshot/scene.h"
#include "snapshot/script.h"

// What is to be said of columns that come from parent tables.
namespace plumbline::kinds {

// Kind::is_handed_on of what has an attribute "inherited".
bool is_handed_on(const Object& object);
bool alter_inherited(const Change& change, Script& out);
// The same for a check, which becomes the table's own, too, when it is added once more.
bool alter_inherited_check(const Change& change, Script& out);
void settle_inherited_columns(const Object& relation, Scene& scene, Script& out);

}  // namespace plumbline::kinds
