#include <map>

#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  out.add("CREATE " + sql_name(object.id()) + " (PARSER = " + std::string(object["parser"]) + ")");
}

// Lines "token: dictionary, dictionary".
std::map<std::string, std::string> mappings_in(std::string_view text) {
  std::map<std::string, std::string> result;
  for (const std::string& line : split(text, '\n')) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) result[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return result;
}

bool alter_mappings(const Change& change, Script& out) {
  const auto had = mappings_in(change.from("mappings")), has = mappings_in(change.to("mappings"));
  const std::string alter = "ALTER " + sql_name(change.expected.id());
  const auto map = [&](std::string_view verb, const std::string& token, const std::string& dictionaries) {
    std::string sql = alter;
    sql.append(verb).append(" MAPPING FOR ").append(token);
    if (!dictionaries.empty()) sql.append(" WITH ").append(dictionaries);
    out.add(std::move(sql));
  };
  for (const auto& [token, dictionaries] : had) {
    if (!has.contains(token)) map(" DROP", token, "");
  }
  for (const auto& [token, dictionaries] : has) {
    const auto old = had.find(token);
    if (old != had.end() && old->second == dictionaries) continue;
    map(old == had.end() ? " ADD" : " ALTER", token, dictionaries);
  }
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "parser", .sql = "quote_ident(x.nspname) || '.' || quote_ident(p.prsname)"},
    {.name = "mappings",
     .sql =
         "(SELECT string_agg(k.alias || ': ' || k.dictionaries, E'\\n' ORDER BY k.alias COLLATE \"C\") FROM ("
         "SELECT t.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS "
         "dictionaries"
         " FROM pg_ts_config_map m JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype"
         " WHERE m.mapcfg = c.oid GROUP BY t.alias) k)",
     .form = Form::code,
     .initial = "",
     .alter = alter_mappings},
    owner_attribute(PLUMBLINE_OWNER("c.cfgowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_ts_config", "c.oid")),
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
    .keyword = "TEXT SEARCH CONFIGURATION",
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
