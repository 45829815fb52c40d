#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/routine_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// "public.f()" -> "public.f".
void create(const Object& object, Scene&, Script& out) {
  std::string sql = "CREATE " + sql_name(object.id());
  if (!object["handler"].empty()) sql += " HANDLER " + routine_name(object["handler"]);
  if (!object["validator"].empty()) sql += " VALIDATOR " + routine_name(object["validator"]);
  out.add(sql + foreign_options({}, object["options"], true));
  refuse_secrets(object, out);
}

bool alter_functions(const Change& change, Script& out) {
  const std::string alter = "ALTER " + sql_name(change.expected.id());
  const auto set = [&](std::string_view attribute, const std::string& word) {
    if (change.from(attribute) == change.to(attribute)) return;
    out.add(alter + (change.to(attribute).empty() ? " NO " + word
                                                  : " " + word + " " + routine_name(change.to(attribute))));
  };
  set("handler", "HANDLER");
  set("validator", "VALIDATOR");
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "handler", .sql = "nullif(f.fdwhandler, 0)::regprocedure", .alter = alter_functions},
    {.name = "validator", .sql = "nullif(f.fdwvalidator, 0)::regprocedure", .alter = alter_functions},
    {.name = "options", .sql = PLUMBLINE_FOREIGN_OPTIONS("f.fdwoptions"), .alter = alter_options},
    owner_attribute(PLUMBLINE_OWNER("f.fdwowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("f.fdwacl", "'F'", "f.fdwowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_foreign_data_wrapper", "f.oid")),
};

}  // namespace

const Kind foreign_data_wrapper{
    .name = "foreign_data_wrapper",
    .label = "foreign-data wrapper",
    .address = {.catalog = "pg_foreign_data_wrapper", .oid = "f.oid"},
    .identity = {.name = "f.fdwname"},
    .from = "FROM pg_foreign_data_wrapper f WHERE true",
    .attributes = attributes,
    .keyword = "FOREIGN DATA WRAPPER",
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
