#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  const std::string_view name = object.id().name.view();
  const std::size_t using_at = name.rfind(" USING ");
  std::string sql = "CREATE OPERATOR CLASS " + quote_identifier(object.id().schema.view()) + "." +
                    std::string(name.substr(0, using_at)) + (object["default"].empty() ? "" : " DEFAULT") +
                    " FOR TYPE " + std::string(object["type"]) + std::string(name.substr(using_at)) +
                    " FAMILY " + std::string(object["family"]) + " AS";
  std::string list;
  const auto add = [&](std::string_view word, std::string_view lines) {
    for (const std::string& line : split(lines, '\n')) {
      if (!line.empty()) list.append(list.empty() ? "\n    " : ",\n    ").append(word).append(line);
    }
  };
  add("OPERATOR ", object["operators"]);
  add("FUNCTION ", object["functions"]);
  const std::string_view stored = object["storage"].empty() ? object["type"] : object["storage"];
  if (list.empty() || !object["storage"].empty()) {
    list.append(list.empty() ? "\n    " : ",\n    ").append("STORAGE ").append(stored);
  }
  out.add(sql + list);
}

// What is tied to the class itself and goes with it; the whole family's members are told with the family.
#define TIED(catalog)                                      \
  "(SELECT objid FROM pg_depend WHERE classid = '" catalog \
  "'::regclass AND refclassid = 'pg_opclass'::regclass AND refobjid = o.oid)"

constexpr Attribute attributes[] = {
    {.name = "type", .sql = "format_type(o.opcintype, NULL)"},
    {.name = "default", .sql = PLUMBLINE_FLAG("o.opcdefault")},
    {.name = "family",
     .sql = "(SELECT quote_ident(x.nspname) || '.' || quote_ident(f.opfname) FROM pg_opfamily f JOIN "
            "pg_namespace x"
            " ON x.oid = f.opfnamespace WHERE f.oid = o.opcfamily)"},
    {.name = "storage", .sql = "CASE WHEN o.opckeytype <> 0 THEN format_type(o.opckeytype, NULL) END"},
    {.name = "operators",
     .sql =
         "(SELECT string_agg(a.amopstrategy || ' ' || a.amopopr::regoperator, E'\\n' ORDER BY a.amopstrategy,"
         " a.amopopr::regoperator::text COLLATE \"C\") FROM pg_amop a WHERE a.oid IN " TIED("pg_amop") ")",
     .form = Form::code},
    {.name = "functions",
     .sql = PLUMBLINE_SUPPORT_FUNCTIONS("p.oid IN " TIED("pg_amproc")),
     .form = Form::code},
    owner_attribute(PLUMBLINE_OWNER("o.opcowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_opclass", "o.oid")),
};

#undef TIED

}  // namespace

const Kind operator_class{
    .name = "operator_class",
    .label = "operator class",
    .address = {.catalog = "pg_opclass", .oid = "o.oid"},
    .identity = {.schema = "n.nspname",
                 .name = "quote_ident(o.opcname) || ' USING ' || quote_ident(m.amname)"},
    .from =
        "FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod"
        " JOIN pg_namespace n ON n.oid = o.opcnamespace AND " PLUMBLINE_LASTING_SCHEMA " WHERE true",
    .attributes = attributes,
    .name_is_sql = true,
    .keyword = "OPERATOR CLASS",
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
