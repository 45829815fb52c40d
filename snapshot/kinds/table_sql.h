#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "snapshot/object.h"
#include "snapshot/scene.h"
#include "snapshot/script.h"

// What tables, foreign tables and their columns have in common.
namespace plumbline::kinds {

// "name type COLLATE c DEFAULT x NOT NULL", as CREATE TABLE and ADD COLUMN want it; claims what it writes
// along.
std::string column_definition(const Object& column, Scene& scene);
// "(a integer, b text)": the columns that the CREATE of a relation has to name, in their order.
std::string column_list(const Object& relation, Scene& scene);

// " WITH (fillfactor='70', toast.autovacuum_enabled='false')", empty for none.
std::string with_parameters(const Object& relation);
// "ENABLE REPLICA TRIGGER ": what ALTER TABLE does to a trigger or a rule that is to have that state
// ("disabled", "replica", "always", empty).
std::string switched(std::string_view state, std::string_view what);
// Whether it is made without its parents and then tied to them: the server wants the expression of a
// generated column that a parent has, too, not to be said with INHERITS (up to 15).
bool is_tied_later(const Object& relation, const Scene& scene);
// The column that is called "schema.table.column", quoted where needed.
std::optional<Object> owning_column(std::string_view name, const Snapshot& snapshot);
// INHERITS.
bool alter_inherits(const Change& change, Script& out);
// PARTITION OF.
bool attach_partition(const Change& change, Script& out);
// Out of a partitioned table, or of the parents that it does not keep.
void leave_parents(const Object& object, const Scene& scene, Script& out);

// Whether the table of that part leaves all that it has its parts from: what it was handed on is its own
// then.
bool leaves_parent(const ObjectId& part, const Scene& scene);
bool alter_replica_identity(const Change& change, Script& out);

// Options of a new sequence, from its attributes: " INCREMENT BY 2 CYCLE".
std::string sequence_options(const Object& sequence);

}  // namespace plumbline::kinds
