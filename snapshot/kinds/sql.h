#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/object.h"
#include "snapshot/scene.h"
#include "snapshot/script.h"
#include "snapshot/snapshot.h"

// Statements that many kinds have, written once; from what the kinds declare in keyword, grant_on and naming.
namespace plumbline::kinds {

// As COMMENT ON, ALTER and DROP name it: "TABLE public.t", "TRIGGER g ON public.t", "COLUMN public.t.c".
std::string sql_name(const ObjectId& id);
// Schema and name, without the parent; the name as SQL where it is SQL.
std::string own_name(const ObjectId& id);
// "TABLE public.t" in GRANT.
std::string grant_name(const ObjectId& id);
// Schema and name of the parent.
std::string parent_name(const ObjectId& id);

void drop_plainly(const Object& object, Scene&, Script& out);
// A table's kind: what is dropped holds rows.
void drop_with_data(const Object& object, Scene&, Script& out);

bool alter_comment(const Change& change, Script& out);
bool alter_owner(const Change& change, Script& out);
// Access lists as text (PLUMBLINE_ACL_TEXT), on anything that has a kind's grant_on.
bool alter_privileges(const Change& change, Script& out);
bool alter_depends_on_extension(const Change& change, Script& out);
// For what follows by itself from what is done to another object.
bool alter_nothing(const Change&, Script&);

// The object of a kind whose own_name() is that text.
std::optional<Object> find_named(const Snapshot& snapshot, const Kind& kind, std::string_view name);

// "a=1, b=2" -> {"a=1", "b=2"}; commas inside braces, parentheses or quotes belong to a value.
std::vector<std::string> list_items(std::string_view text);
// The names of a list as PLUMBLINE prints it ("a,\"B c\""), without their quotes.
std::vector<std::string> names_in(std::string_view list);
// "fillfactor=70" -> "fillfactor='70'", joined: for WITH and SET.
std::string storage_parameters(std::string_view options, std::string_view prefix = {});

// " SET (...)" and " RESET (...)" after `statement`, for what differs; `prefix` is "toast.".
void set_and_reset(const std::string& statement, std::string_view from, std::string_view to, Script& out,
                   std::string_view prefix = {});
// " OPTIONS (ADD a 'x', SET b 'y', DROP c)", empty for no difference; with no `from`: " OPTIONS (a 'x')".
std::string foreign_options(std::string_view from, std::string_view to, bool is_new);
// Whether some of the options are secrets, which a snapshot does not hold.
bool has_secret(std::string_view options);
// Whether a setting's value is one (PLUMBLINE_SETTING).
bool is_secret(std::string_view value);
// Says so, when the object's "options" hold one.
void refuse_secrets(const Object& object, Script& out);
// The alter of an attribute "options" that are foreign ones.
bool alter_options(const Change& change, Script& out);

// "SET search_path TO 'a', 'b'", as a routine, a role and a database have it.
std::string set_setting(std::string_view name, std::string_view value);
// The alter of an attribute "security_labels" ("provider: label", a line each) of a shared object.
bool alter_shared_labels(const Change& change, Script& out);

// "a=1, b=2, 3" by name; a value may hold commas.
std::map<std::string, std::string> options_in(std::string_view options);

}  // namespace plumbline::kinds
