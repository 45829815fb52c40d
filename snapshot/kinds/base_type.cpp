#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/routine_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

std::string function_of(std::string_view routine) { return routine_name(routine); }

// Its input and output functions have to be there, and they need the type: a shell comes first.
void announce(const Object& object, Script& out) { out.add("CREATE " + sql_name(object.id())); }

// Its functions go along; they need it and it needs them.
void drop(const Object& object, Scene&, Script& out) {
  out.add("DROP " + sql_name(object.id()) + " CASCADE", {Hazard::deletes_data});
}

void create(const Object& object, Scene&, Script& out) {
  const std::string create = "CREATE " + sql_name(object.id());
  if (!object["shell"].empty()) return;
  std::string list;
  const auto say = [&](std::string_view word, const std::string& value) {
    if (!value.empty()) list.append(list.empty() ? "" : ", ").append(word).append(" = ").append(value);
  };
  say("INPUT", function_of(object["input"]));
  say("OUTPUT", function_of(object["output"]));
  say("RECEIVE", function_of(object["receive"]));
  say("SEND", function_of(object["send"]));
  say("TYPMOD_IN", function_of(object["typmod_in"]));
  say("TYPMOD_OUT", function_of(object["typmod_out"]));
  say("ANALYZE", function_of(object["analyze"]));
  say("SUBSCRIPT", function_of(object["subscript"]));
  say("INTERNALLENGTH", object["length"] == "variable" ? "VARIABLE" : std::string(object["length"]));
  if (!object["passed_by_value"].empty()) list += ", PASSEDBYVALUE";
  say("ALIGNMENT", std::string(object["alignment"]));
  say("STORAGE", std::string(object["storage"]));
  if (!object["category"].empty()) say("CATEGORY", quote_literal(object["category"]));
  if (!object["preferred"].empty()) say("PREFERRED", "true");
  if (!object["delimiter"].empty()) say("DELIMITER", quote_literal(object["delimiter"]));
  say("ELEMENT", std::string(object["element"]));
  if (!object["collatable"].empty()) say("COLLATABLE", "true");
  if (!object["default"].empty()) say("DEFAULT", quote_literal(object["default"]));
  out.add(create + " (" + list + ")");
}

#define ROUTINE(column) "nullif(t." column ", 0)::regprocedure"

constexpr Attribute attributes[] = {
    {.name = "shell", .sql = PLUMBLINE_FLAG("NOT t.typisdefined"), .remakes = true},
    {.name = "input", .sql = ROUTINE("typinput"), .remakes = true},
    {.name = "output", .sql = ROUTINE("typoutput"), .remakes = true},
    {.name = "receive", .sql = ROUTINE("typreceive"), .remakes = true},
    {.name = "send", .sql = ROUTINE("typsend"), .remakes = true},
    {.name = "typmod_in", .sql = ROUTINE("typmodin"), .remakes = true},
    {.name = "typmod_out", .sql = ROUTINE("typmodout"), .remakes = true},
    {.name = "analyze", .sql = ROUTINE("typanalyze"), .meaning = Class::operational, .remakes = true},
    {.name = "subscript", .sql = ROUTINE("typsubscript"), .since = 14, .remakes = true},
    {.name = "length",
     .sql = "CASE t.typlen WHEN -1 THEN 'variable' ELSE t.typlen::text END",
     .remakes = true},
    {.name = "passed_by_value", .sql = PLUMBLINE_FLAG("t.typbyval"), .remakes = true},
    {.name = "alignment",
     .sql = "CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'd' THEN 'double' END",
     .remakes = true},
    {.name = "storage",
     .sql = "CASE t.typstorage WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' WHEN 'x' THEN 'extended' END",
     .remakes = true},
    {.name = "category", .sql = "nullif(t.typcategory, 'U')", .remakes = true},
    {.name = "preferred", .sql = PLUMBLINE_FLAG("t.typispreferred"), .remakes = true},
    {.name = "delimiter", .sql = "nullif(t.typdelim, ',')", .remakes = true},
    {.name = "element",
     .sql = "CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END",
     .remakes = true},
    {.name = "collatable", .sql = PLUMBLINE_FLAG("t.typcollation <> 0"), .remakes = true},
    {.name = "default", .sql = "t.typdefault", .remakes = true},
    owner_attribute(PLUMBLINE_OWNER("t.typowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("t.typacl", "'T'", "t.typowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_type", "t.oid")),
};

#undef ROUTINE

}  // namespace

// Also shell types, which wait for their definition. The array type that comes with each type is none of its
// own.
const Kind base_type{
    .name = "base_type",
    .label = "base type",
    .address = {.catalog = "pg_type", .oid = "t.oid"},
    .identity = {.schema = "n.nspname", .name = "t.typname"},
    .from = "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE (t.typtype = 'b' OR t.typtype = 'p')"
            " AND NOT EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)",
    .attributes = attributes,
    .holds_rows = true,
    .keyword = "TYPE",
    .open_to_public = true,
    .announce = announce,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
