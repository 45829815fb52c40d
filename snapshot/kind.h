#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/object.h"
#include "snapshot/script.h"

namespace plumbline {

class Scene;
class Snapshot;

// What a difference means to the people who run the database; the first is the gravest.
enum class Class { security, breaking, data, operational, additive, cosmetic };

// How an attribute's text is to be read by whoever compares or prints it.
enum class Form {
  text,        // one short value
  code,        // many lines: shown as a unified diff
  expression,  // printed by the server's deparser: two spellings may mean the same, see normalise
  order,       // a comma separated list of names: only the order of the names both sides have counts
};

// Values that stand for one we do not have; they differ from nothing.
inline constexpr std::string_view not_readable = "(not readable)";  // by the connected role
inline constexpr std::string_view not_decided =
    "(not decided here)";  // of surroundings, on a throw-away server

// As Attribute::initial: the name of the role that runs the script.
inline constexpr std::string_view its_creator = "(its creator)";

constexpr bool is_unknown(std::string_view value) { return value == not_readable || value == not_decided; }

// One comparable fact about an object: one line in its kind's table. The value is text as the server prints
// it; absent, false and "the default" are empty.
struct Attribute {
  std::string_view name;  // in snapshots, reports and filters
  std::string_view sql;   // the catalogue expression that yields it
  int since = 0;          // first server version that has it
  int until = 0;          // last server version that has it, 0: still there
  bool compared = true;   // false: carried along, never a difference
  Form form = Form::text;
  Class meaning = Class::breaking;  // class of a finding that is a difference of this attribute
  // Decided by whoever made the database and not by its migrations (the database's owner, its locale).
  bool surroundings = false;
  // Use and restoring alone change it, as a REFRESH and a schema-only restore do: kept when the object is
  // made anew, and no difference by itself.
  bool comes_by_use = false;
  bool one_version = false;  // compared only between servers of one major version
  // Filled in while reading: a line for each object that belongs to this one as member of an extension. The
  // planner compares what the lines stand for, unless a difference of another attribute decides them.
  bool members = false;
  bool decides_members = false;
  // Statements that make a server which has the object's surroundings print its own spelling of `value`; the
  // last one yields it. They run in a transaction that is rolled back. Empty: cannot be asked.
  std::vector<std::string> (*normalise)(const Object&, std::string_view value) = nullptr;
  // How a difference is repaired; without an `alter` by dropping the object and creating it anew. Attributes
  // with the same `alter` share one call.
  bool rebuilds_dependents = false;  // ALTER is refused while others use it
  bool late = false;                 // repaired when all other objects exist
  bool lets_go = false;     // a change takes the object out of what holds it, before its parts are changed
  bool set_anew = false;    // changed by letting go of the object and holding it again (a partition's bound)
  bool runs_query = false;  // its statement reads what the object stands on, which has to be whole by then
  bool secret = false;      // not in any snapshot, so that nothing can repair it
  std::optional<std::string_view> initial{};
  // its value after a bare CREATE; none: CREATE writes it
  bool (*alter)(const Change&, Script&) = nullptr;  // false: this change needs a new object
  bool remakes = false;  // without an `alter`, of what holds rows: a new object it is all the same
};

// What sort of object there is, where the catalogue keeps it and how it is read and written. Generic code
// reads these facts and names no kind.
struct Kind {
  struct Address {  // how pg_depend points at it
    std::string_view catalog, oid, subid = "0";
    // The OID in pg_class of the relation it is a part of; empty: it is no part of one. All parts of one
    // relation are found by it.
    std::string_view whole{};
    // The OID of a relation or type, when it belongs to an extension because that does.
    std::string_view belongs_to{};
  };
  struct Identity {  // catalogue expressions for its ObjectId
    std::string_view schema = "''", parent = "''", name;
    bool name_tells =
        false;  // its name is its own in the whole schema: under another parent it is the same object
  };
  std::string_view name;   // "materialized_view": in snapshots, filters and machine reports
  std::string_view label;  // "materialized view": for people
  Address address;
  Identity identity;
  std::string_view from;  // FROM and WHERE of its query
  std::span<const Attribute> attributes;
  bool name_is_sql = false;  // the name is SQL as it stands (a routine with its argument types): never quoted
  int since = 0;             // first server version that has the catalogue
  Class missing = Class::breaking;     // class of a finding that is a missing object
  Class unexpected = Class::additive;  // class of a finding that is an unexpected object
  bool built_in = false;               // true: rows made by initdb are read too (its query filters by itself)
  bool cluster = false;                // true: lives outside the database, read only when asked for
  // What is dropped takes rows, or the values of rows, along: a difference that nobody has given an `alter`
  // is refused, where it is not said that it takes a new object.
  bool holds_rows = false;
  bool part_of_parent = false;  // a change of it is a change of its parent too (a column of its table)
  // Reported as a difference of this attribute of its parent, because that is how people think of it (a
  // column's default); empty: reported as an object.
  std::string_view reported_as{};
  std::string_view parent_kinds{};  // names of the kinds its parent can be of, separated by spaces
  // How SQL names an object of this kind: "TABLE public.t", "TRIGGER g ON public.t", "COLUMN public.t.c".
  enum class Naming { plain, on_parent, under_parent };
  std::string_view keyword{};   // "TABLE", for COMMENT ON, ALTER and DROP
  std::string_view grant_on{};  // the same for GRANT, where it is another word
  Naming naming = Naming::plain;
  std::string_view argument_mode{};  // SQL says it before each argument of the name, though the name does not
  bool open_to_public = false;       // PUBLIC has all privileges on a new one
  bool created_by_parent = false;    // CREATE of the parent writes it
  bool is_namespace = false;         // others name it as their schema
  bool renames_are_guessed = false;  // as for what holds rows, a likeness is enough to ask for a rename
  bool has_rename = true;            // ALTER ... RENAME knows it
  // Named by the server after what it is on, and not listed under that name where it says no more: one that
  // is listed for its name alone comes and goes with a rename.
  bool named_after_place = false;
  bool held_late = false;  // what holds it fast (an owning column, a parent table) is set by late attributes
  bool parts_first = false;   // a partition's own is made before the partitioned table's
  bool dropped_last = false;  // when all others have let go of it (a role of what it owns)
  // Made after all that does not say so.
  bool (*made_last)(const Object&) = nullptr;
  bool drop_can_wait = false;  // on a database in use it serves until all else is done
  bool shapes_others = false;  // what is made or altered while it is there comes out differently
  // Whether, on a database in use, a new one can be made beside the one that it takes the place of.
  bool (*replaces)(const Object& expected, const Scene&) = nullptr;
  // Must go before what it uses is altered.
  bool (*blocks_alter)(const Object&) = nullptr;
  // Has no being of its own: where it has to be made anew, its parent has to.
  bool (*is_inseparable)(const Object&) = nullptr;
  // What it is an internal part of: for a snapshot that was read from a file, without its dependencies.
  std::optional<ObjectId> (*part_of)(const Object&, const Snapshot&) = nullptr;
  // Comes from a parent of its table alone: made and gone with what is there.
  bool (*is_handed_on)(const Object&) = nullptr;
  // Whether its change, to what it is on the second side, comes behind that of its namesake in a parent of
  // its table; where not, it comes before.
  bool (*waits_for_parent)(const Object&, const Object&) = nullptr;
  // Says its name, before the CREATE, for what it is made of and what needs the name.
  void (*announce)(const Object&, Script&) = nullptr;
  void (*create)(const Object&, Scene&, Script&) = nullptr;  // null: comes with another object
  void (*drop)(const Object&, Scene&, Script&) = nullptr;
  // Frees it from what holds it and is to be dropped, so that it stays.
  void (*release)(const Object&, const Scene&, Script&) = nullptr;
  // Puts it out of the way of its successor, which takes over what uses it; then the statements that remove
  // it.
  bool (*set_aside)(const Object&, Script& rename, Script& remove) = nullptr;
  // The same for one that uses what was set aside: makes it use the successor. False: it has to be made anew.
  bool (*follow)(const Change&, const ObjectId& successor, Script&) = nullptr;
  // Of one that lists members: takes an object up, or lets go of it; the object itself stays.
  void (*take_up)(const ObjectId& id, const ObjectId& member, Script&) = nullptr;
  void (*let_go)(const ObjectId& id, const ObjectId& member, Script&) = nullptr;
};

constexpr bool always(const Object&) { return true; }  // for Kind::blocks_alter

std::size_t attribute_index(const Kind& kind, std::string_view attribute);  // throws Error when there is none

}  // namespace plumbline
