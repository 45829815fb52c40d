#include <algorithm>
#include <map>

#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/type_sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  out.add("CREATE " + sql_name(object.id()) + " AS (" + std::string(object["attributes"]) + ")");
}

// The name of an attribute: "\"a b\" integer" -> "\"a b\"".
std::string name_of(const std::string& attribute) {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < attribute.size() && (quoted || attribute[at] != ' '); ++at) {
    if (attribute[at] == '"') quoted = !quoted;
  }
  return attribute.substr(0, at);
}

// Attributes can go, and new ones come last; everything else takes a new type.
bool alter_attributes(const Change& change, Script& out) {
  const auto had = list_items(change.from("attributes")), has = list_items(change.to("attributes"));
  std::vector<std::string> kept, gone;
  for (const std::string& attribute : had) {
    (std::ranges::find(has, attribute) != has.end() ? kept : gone).push_back(attribute);
  }
  if (!std::equal(kept.begin(), kept.end(), has.begin(), has.begin() + static_cast<long>(kept.size())))
    return false;
  std::string actions;
  const auto add = [&](const std::string& action) { actions += (actions.empty() ? " " : ", ") + action; };
  for (const std::string& attribute : gone) add("DROP ATTRIBUTE " + name_of(attribute));
  for (std::size_t i = kept.size(); i < has.size(); ++i) add("ADD ATTRIBUTE " + has[i]);
  out.add("ALTER " + sql_name(change.expected.id()) + actions);
  return true;
}

// Lines "name: comment"; a line that starts with no attribute's name goes on with the comment before it.
std::map<std::string, std::string> comments_in(std::string_view text, std::string_view attributes) {
  std::map<std::string, std::string> result;
  std::string last;
  for (const std::string& line : split(text, '\n')) {
    bool is_new = false;
    for (const std::string& attribute : list_items(attributes)) {
      const std::string name = name_of(attribute);
      if (!line.starts_with(name + ": ")) continue;
      result[last = name] = line.substr(name.size() + 2);
      is_new = true;
    }
    if (!is_new && !last.empty()) result[last] += "\n" + line;
  }
  return result;
}

bool comment_on_attributes(const Change& change, Script& out) {
  const auto had = comments_in(change.from("attribute_comments"), change.from("attributes"));
  const auto has = comments_in(change.to("attribute_comments"), change.to("attributes"));
  const std::string column = "COMMENT ON COLUMN " + own_name(change.expected.id()) + ".";
  for (const auto& [name, text] : has) {
    const auto old = had.find(name);
    if (old == had.end() || old->second != text) out.add(column + name + " IS " + quote_literal(text));
  }
  for (const std::string& attribute : list_items(change.to("attributes"))) {
    const std::string name = name_of(attribute);
    if (had.contains(name) && !has.contains(name)) out.add(column + name + " IS NULL");
  }
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "attributes",
     .sql = "(SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)"
            " || coalesce(' COLLATE ' || (SELECT c.oid::regcollation FROM pg_collation c, pg_type b"
            " WHERE c.oid = a.attcollation AND b.oid = a.atttypid AND c.oid <> b.typcollation), ''), ', '"
            " ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0"
            " AND NOT a.attisdropped)",
     .alter = alter_attributes},
    owner_attribute(PLUMBLINE_OWNER("t.typowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("t.typacl", "'T'", "t.typowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_type", "t.oid")),
    {.name = "attribute_comments",
     .sql = "(SELECT string_agg(quote_ident(a.attname) || ': ' || d.description, E'\\n' ORDER BY a.attnum)"
            " FROM pg_attribute a JOIN pg_description d ON d.classoid = 'pg_class'::regclass"
            " AND d.objoid = a.attrelid AND d.objsubid = a.attnum WHERE a.attrelid = t.typrelid AND a.attnum "
            "> 0)",
     .meaning = Class::cosmetic,
     .initial = "",
     .alter = comment_on_attributes},
};

}  // namespace

const Kind composite{
    .name = "composite_type",
    .label = "composite type",
    .address = {.catalog = "pg_type", .oid = "t.oid"},
    .identity = {.schema = "n.nspname", .name = "t.typname"},
    .from =
        "FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'"
        " JOIN pg_namespace n ON n.oid = t.typnamespace AND " PLUMBLINE_LASTING_SCHEMA
        " WHERE t.typtype = 'c'",
    .attributes = attributes,
    .holds_rows = true,
    .keyword = "TYPE",
    .open_to_public = true,
    .create = create,
    .drop = drop_plainly,
    .set_aside = set_type_aside,
};

}  // namespace plumbline::kinds
