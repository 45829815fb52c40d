#pragma once

#include <string>

#include "snapshot/object.h"
#include "snapshot/scene.h"

// NOT NULL as a constraint with a name, which it is from PostgreSQL 18 on (pg_constraint, contype 'n').
namespace plumbline::kinds {

// " NOT NULL", as a column's definition has it; " CONSTRAINT t_a_not_null NOT NULL" where the server would
// choose another name, because a constraint in the table's schema has that one.
std::string not_null_clause(const Object& column, const Scene& scene);
// Whether it becomes so because its namesake in a parent of its table does, under the same name.
bool comes_with_parents(const Object& column, const Scene& scene);
// A parent cannot be told to let go before its children, and they not before it: NOT NULL comes to the
// children first and goes from the parent first.
bool waits_for_parent(const Object& actual, const Object& expected);
// Whether the column says it itself beside its parents.
bool has_own_not_null(const Object& column, const Snapshot& side);

}  // namespace plumbline::kinds
