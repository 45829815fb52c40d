#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

std::string options(const Object& object) {
  std::string list = "publish = " + quote_literal(object["operations"]);
  list += object["via_partition_root"].empty() ? ", publish_via_partition_root = false"
                                               : ", publish_via_partition_root = true";
  if (!object["generated_columns"].empty()) {
    list += ", publish_generated_columns = " + std::string(object["generated_columns"]);
  }
  return "(" + list + ")";
}

void create(const Object& object, Scene&, Script& out) {
  const std::string all = object["all_tables"].empty() ? "" : " FOR ALL TABLES";
  out.add("CREATE " + sql_name(object.id()) + all + " WITH " + options(object));
}

bool alter_publication(const Change& change, Script& out) {
  out.add("ALTER " + sql_name(change.expected.id()) + " SET " + options(change.expected));
  return true;
}

std::string alter_parent(const ObjectId& id) {
  return "ALTER PUBLICATION " + quote_identifier(id.parent.view());
}

void publish_table(const Object& object, Scene&, Script& out) {
  std::string sql = alter_parent(object.id()) + " ADD TABLE " + std::string(object.id().name.view());
  if (!object["columns"].empty()) sql += " (" + std::string(object["columns"]) + ")";
  if (!object["row_filter"].empty()) sql += " WHERE (" + std::string(object["row_filter"]) + ")";
  out.add(sql);
}

void withdraw_table(const Object& object, Scene&, Script& out) {
  out.add(alter_parent(object.id()) + " DROP TABLE " + std::string(object.id().name.view()));
}

void publish_schema(const Object& object, Scene&, Script& out) {
  out.add(alter_parent(object.id()) + " ADD TABLES IN SCHEMA " + std::string(object.id().name.view()));
}

void withdraw_schema(const Object& object, Scene&, Script& out) {
  out.add(alter_parent(object.id()) + " DROP TABLES IN SCHEMA " + std::string(object.id().name.view()));
}

// The name is the table's, as SQL.
std::vector<std::string> filter_spelled_anew(const Object& object, std::string_view value) {
  return {
      "CREATE PUBLICATION plumbline_spelling FOR TABLE " + std::string(object.id().name.view()) + " WHERE (" +
          std::string(value) + ")",
      "SELECT pg_get_expr(prqual, prrelid) FROM pg_publication_rel JOIN pg_publication p ON p.oid = prpubid"
      " WHERE pubname = 'plumbline_spelling'"};
}

constexpr Attribute attributes[] = {
    {.name = "all_tables", .sql = PLUMBLINE_FLAG("p.puballtables")},
    {.name = "operations",
     .sql =
         "concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,"
         " CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)",
     .meaning = Class::data,
     .alter = alter_publication},
    {.name = "via_partition_root", .sql = PLUMBLINE_FLAG("p.pubviaroot"), .alter = alter_publication},
    {.name = "generated_columns",
     .sql = "CASE p.pubgencols WHEN 's' THEN 'stored' END",
     .since = 18,
     .alter = alter_publication},
    owner_attribute(PLUMBLINE_OWNER("p.pubowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_publication", "p.oid")),
};

constexpr Attribute table_attributes[] = {
    {.name = "columns",
     .sql = "(SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE \"C\") FROM "
            "pg_attribute a"
            " WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs))",
     .since = 15,
     .meaning = Class::data},
    {.name = "row_filter",
     .sql = "pg_get_expr(r.prqual, r.prrelid)",
     .since = 15,
     .form = Form::expression,
     .meaning = Class::data,
     .normalise = filter_spelled_anew},
};

}  // namespace

const Kind publication{
    .name = "publication",
    .label = "publication",
    .address = {.catalog = "pg_publication", .oid = "p.oid"},
    .identity = {.name = "p.pubname"},
    .from = "FROM pg_publication p WHERE true",
    .attributes = attributes,
    .missing = Class::data,
    .unexpected = Class::data,
    .keyword = "PUBLICATION",
    .create = create,
    .drop = drop_plainly,
};

const Kind publication_table{
    .name = "publication_table",
    .label = "published table",
    .address = {.catalog = "pg_publication_rel", .oid = "r.oid"},
    .identity = {.parent = "p.pubname", .name = "r.prrelid::regclass"},
    .from = "FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE true",
    .attributes = table_attributes,
    .name_is_sql = true,
    .missing = Class::data,
    .unexpected = Class::data,
    .parent_kinds = "publication",
    .blocks_alter = always,
    .create = publish_table,
    .drop = withdraw_table,
};

const Kind publication_schema{
    .name = "publication_schema",
    .label = "published schema",
    .address = {.catalog = "pg_publication_namespace", .oid = "s.oid"},
    .identity = {.parent = "p.pubname", .name = "s.pnnspid::regnamespace"},
    .from = "FROM pg_publication_namespace s JOIN pg_publication p ON p.oid = s.pnpubid WHERE true",
    .attributes = {},
    .name_is_sql = true,
    .since = 15,
    .missing = Class::data,
    .unexpected = Class::data,
    .parent_kinds = "publication",
    .create = publish_schema,
    .drop = withdraw_schema,
};

}  // namespace plumbline::kinds
