#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

// Of a family that came with the server only what was added to it is told.
#define ADDED(member) "(" member ".oid >= 16384 OR f.oid >= 16384)"

constexpr Attribute attributes[] = {
    {.name = "operators",
     .sql =
         "(SELECT string_agg(o.amopstrategy || ' ' || o.amopopr::regoperator || coalesce(' FOR ORDER BY ' ||"
         " (SELECT quote_ident(x.nspname) || '.' || quote_ident(s.opfname) FROM pg_opfamily s JOIN "
         "pg_namespace x"
         " ON x.oid = s.opfnamespace WHERE s.oid = o.amopsortfamily), ''), E'\\n' ORDER BY o.amopstrategy,"
         " o.amopopr::regoperator::text COLLATE \"C\") FROM pg_amop o WHERE o.amopfamily = f.oid AND " ADDED(
             "o") ")",
     .form = Form::code},
    {.name = "functions",
     .sql = PLUMBLINE_SUPPORT_FUNCTIONS("p.amprocfamily = f.oid AND " ADDED("p")),
     .form = Form::code},
    {.name = "owner", .sql = PLUMBLINE_OWNER("f.opfowner"), .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_opfamily", "f.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind operator_family{
    .name = "operator_family",
    .label = "operator family",
    .address = {.catalog = "pg_opfamily", .oid = "f.oid"},
    .identity = {.schema = "n.nspname",
                 .name = "quote_ident(f.opfname) || ' USING ' || quote_ident(m.amname)"},
    .from =
        "FROM pg_opfamily f JOIN pg_am m ON m.oid = f.opfmethod JOIN pg_namespace n ON n.oid = f.opfnamespace"
        " WHERE (f.oid >= 16384 OR f.oid IN (SELECT amopfamily FROM pg_amop WHERE oid >= 16384)"
        " OR f.oid IN (SELECT amprocfamily FROM pg_amproc WHERE oid >= 16384))",
    .attributes = attributes,
    .name_is_sql = true,
    .built_in = true,
};

#undef ADDED

}  // namespace plumbline::kinds
