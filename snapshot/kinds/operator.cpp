#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

// A shell operator, which only another one's COMMUTATOR or NEGATOR names, has neither function nor result.
constexpr Attribute attributes[] = {
    {.name = "function", .sql = "nullif(o.oprcode, 0)::regprocedure"},
    {.name = "returns", .sql = "CASE WHEN o.oprresult <> 0 THEN format_type(o.oprresult, NULL) END"},
    {.name = "commutator", .sql = "nullif(o.oprcom, 0)::regoperator"},
    {.name = "negator", .sql = "nullif(o.oprnegate, 0)::regoperator"},
    {.name = "restriction_estimator", .sql = "nullif(o.oprrest, 0)::regproc", .meaning = Class::operational},
    {.name = "join_estimator", .sql = "nullif(o.oprjoin, 0)::regproc", .meaning = Class::operational},
    {.name = "hashes", .sql = PLUMBLINE_FLAG("o.oprcanhash")},
    {.name = "merges", .sql = PLUMBLINE_FLAG("o.oprcanmerge")},
    {.name = "owner", .sql = PLUMBLINE_OWNER("o.oprowner"), .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_operator", "o.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind operator_kind{
    .name = "operator",
    .label = "operator",
    .address = {.catalog = "pg_operator", .oid = "o.oid"},
    .identity =
        {.schema = "n.nspname",
         .name = "o.oprname || '(' || CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL)"
                 " ELSE 'NONE' END || ', ' || CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL)"
                 " ELSE 'NONE' END || ')'"},
    .from = "FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE true",
    .attributes = attributes,
    .name_is_sql = true,
};

}  // namespace plumbline::kinds
