#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

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
     .meaning = Class::data},
    {.name = "via_partition_root", .sql = PLUMBLINE_FLAG("p.pubviaroot")},
    {.name = "generated_columns", .sql = "CASE p.pubgencols WHEN 's' THEN 'stored' END", .since = 18},
    {.name = "owner", .sql = PLUMBLINE_OWNER("p.pubowner"), .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_publication", "p.oid"), .meaning = Class::cosmetic},
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
};

}  // namespace plumbline::kinds
