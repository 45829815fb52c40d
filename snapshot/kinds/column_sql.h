#pragma once

#include "snapshot/object.h"
#include "snapshot/scene.h"
#include "snapshot/script.h"

// The statements about one column of a table or view.
namespace plumbline::kinds {

void create_column(const Object& object, Scene& scene, Script& out);
void drop_column(const Object& object, Scene& scene, Script& out);
bool alter_type(const Change& change, Script& out);
bool follow_type(const Change& change, const ObjectId& successor, Script& out);
bool alter_not_null(const Change& change, Script& out);  // and identity
bool alter_storage(const Change& change, Script& out);
bool alter_compression(const Change& change, Script& out);
bool alter_statistics_target(const Change& change, Script& out);
bool alter_column_options(const Change& change, Script& out);
bool alter_foreign_options(const Change& change, Script& out);

}  // namespace plumbline::kinds
