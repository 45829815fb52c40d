#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  std::string list = "TEMPLATE = " + std::string(object["template"]);
  if (!object["options"].empty()) list += ", " + std::string(object["options"]);
  out.add("CREATE " + sql_name(object.id()) + " (" + list + ")");
}

// An option is taken back by its name alone.
bool alter_dictionary_options(const Change& change, Script& out) {
  std::string list(change.to("options"));
  const auto has = options_in(change.to("options"));
  for (const auto& [name, value] : options_in(change.from("options"))) {
    if (!has.contains(name)) list += (list.empty() ? "" : ", ") + name;
  }
  out.add("ALTER " + sql_name(change.expected.id()) + " (" + list + ")");
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "template", .sql = "quote_ident(x.nspname) || '.' || quote_ident(t.tmplname)"},
    // Kept as "name = 'value', name = 'value'" in the order in which they were said (serialize_deflist).
    {.name = "options",
     .sql = "(SELECT string_agg(o[1], ', ' ORDER BY o[1] COLLATE \"C\") FROM regexp_matches(i.dictinitoption,"
            " '((?:\"(?:[^\"]|\"\")+\"|[^\" =,]+) = (?:E?''(?:[^'']|'''')*''|[^ ,]+))', 'g') o)",
     .alter = alter_dictionary_options},
    owner_attribute(PLUMBLINE_OWNER("i.dictowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_ts_dict", "i.oid")),
};

}  // namespace

const Kind text_search_dictionary{
    .name = "text_search_dictionary",
    .label = "text search dictionary",
    .address = {.catalog = "pg_ts_dict", .oid = "i.oid"},
    .identity = {.schema = "n.nspname", .name = "i.dictname"},
    .from = R"sql(FROM pg_ts_dict i JOIN pg_namespace n ON n.oid = i.dictnamespace
  JOIN pg_ts_template t ON t.oid = i.dicttemplate JOIN pg_namespace x ON x.oid = t.tmplnamespace WHERE true)sql",
    .attributes = attributes,
    .keyword = "TEXT SEARCH DICTIONARY",
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
