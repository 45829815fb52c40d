#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "template", .sql = "quote_ident(x.nspname) || '.' || quote_ident(t.tmplname)"},
    // Kept as "name = 'value', name = 'value'" in the order in which they were said (serialize_deflist).
    {.name = "options",
     .sql = "(SELECT string_agg(o[1], ', ' ORDER BY o[1] COLLATE \"C\") FROM regexp_matches(i.dictinitoption,"
            " '((?:\"(?:[^\"]|\"\")+\"|[^\" =,]+) = (?:E?''(?:[^'']|'''')*''|[^ ,]+))', 'g') o)"},
    {.name = "owner", .sql = PLUMBLINE_OWNER("i.dictowner"), .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_ts_dict", "i.oid"), .meaning = Class::cosmetic},
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
};

}  // namespace plumbline::kinds
