#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  std::string list = "provider = " + std::string(object["provider"]);
  const auto say = [&](std::string_view word, std::string_view attribute) {
    if (!object[attribute].empty())
      list.append(", ").append(word).append(" = ").append(quote_literal(object[attribute]));
  };
  say("locale", "locale");
  say("lc_collate", "lc_collate");
  say("lc_ctype", "lc_ctype");
  say("rules", "rules");
  if (!object["deterministic"].empty()) list += ", deterministic = false";
  out.add("CREATE " + sql_name(object.id()) + " (" + list + ")");
}

constexpr Attribute attributes[] = {
    {.name = "provider",
     .sql = "CASE c.collprovider WHEN 'd' THEN 'default' WHEN 'b' THEN 'builtin' WHEN 'c' THEN 'libc'"
            " WHEN 'i' THEN 'icu' END"},
    // ICU's and the builtin provider's locale stands in collcollate up to 14, in colliculocale in 15 and 16,
    // in colllocale from 17 on; asked for by name, so that one expression serves them all.
    {.name = "locale",
     .sql = "coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale',"
            " CASE WHEN c.collprovider = 'i' THEN c.collcollate::text END)"},
    {.name = "lc_collate", .sql = "CASE WHEN c.collprovider <> 'i' THEN c.collcollate::text END"},
    {.name = "lc_ctype", .sql = "CASE WHEN c.collprovider <> 'i' THEN c.collctype::text END"},
    {.name = "rules", .sql = "c.collicurules", .since = 16},
    {.name = "deterministic", .sql = "CASE WHEN NOT c.collisdeterministic THEN 'false' END"},
    owner_attribute(PLUMBLINE_OWNER("c.collowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_collation", "c.oid")),
};

}  // namespace

// Names are unique for each encoding only; the server itself does not see those of another encoding than the
// database's.
const Kind collation{
    .name = "collation",
    .label = "collation",
    .address = {.catalog = "pg_collation", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.collname"},
    .from = R"sql(FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE c.collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database())))sql",
    .attributes = attributes,
    .keyword = "COLLATION",
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
