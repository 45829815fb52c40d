#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "parser", .sql = "quote_ident(x.nspname) || '.' || quote_ident(p.prsname)"},
    {.name = "mappings",
     .sql =
         "(SELECT string_agg(k.alias || ': ' || k.dictionaries, E'\\n' ORDER BY k.alias COLLATE \"C\") FROM ("
         "SELECT t.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS "
         "dictionaries"
         " FROM pg_ts_config_map m JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype"
         " WHERE m.mapcfg = c.oid GROUP BY t.alias) k)",
     .form = Form::code},
    {.name = "owner", .sql = PLUMBLINE_OWNER("c.cfgowner"), .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_ts_config", "c.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind text_search_configuration{
    .name = "text_search_configuration",
    .label = "text search configuration",
    .address = {.catalog = "pg_ts_config", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.cfgname"},
    .from = R"sql(FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace
  JOIN pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_namespace x ON x.oid = p.prsnamespace WHERE true)sql",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
