#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

#define ROUTINE(column) "nullif(a." column "::regprocedure::text, '-')"

constexpr Attribute attributes[] = {
    {.name = "arguments", .sql = "pg_get_function_arguments(p.oid)"},
    {.name = "returns", .sql = "pg_get_function_result(p.oid)"},
    {.name = "aggregate_kind",
     .sql = "CASE a.aggkind WHEN 'o' THEN 'ordered set' WHEN 'h' THEN 'hypothetical set' END"},
    {.name = "direct_arguments", .sql = "nullif(a.aggnumdirectargs, 0)"},
    {.name = "transition_function", .sql = ROUTINE("aggtransfn")},
    {.name = "transition_type", .sql = "format_type(a.aggtranstype, NULL)"},
    {.name = "transition_space", .sql = "nullif(a.aggtransspace, 0)", .meaning = Class::operational},
    {.name = "initial_value", .sql = "quote_literal(a.agginitval)"},
    {.name = "final_function", .sql = ROUTINE("aggfinalfn")},
    {.name = "final_function_extra", .sql = PLUMBLINE_FLAG("a.aggfinalextra")},
    {.name = "final_function_modifies", .sql = "a.aggfinalmodify"},
    {.name = "combine_function", .sql = ROUTINE("aggcombinefn")},
    {.name = "serial_function", .sql = ROUTINE("aggserialfn")},
    {.name = "deserial_function", .sql = ROUTINE("aggdeserialfn")},
    {.name = "moving_transition_function", .sql = ROUTINE("aggmtransfn")},
    {.name = "moving_inverse_function", .sql = ROUTINE("aggminvtransfn")},
    {.name = "moving_transition_type",
     .sql = "CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END"},
    {.name = "moving_transition_space", .sql = "nullif(a.aggmtransspace, 0)", .meaning = Class::operational},
    {.name = "moving_initial_value", .sql = "quote_literal(a.aggminitval)"},
    {.name = "moving_final_function", .sql = ROUTINE("aggmfinalfn")},
    {.name = "moving_final_function_extra", .sql = PLUMBLINE_FLAG("a.aggmfinalextra")},
    {.name = "moving_final_function_modifies", .sql = "a.aggmfinalmodify"},
    {.name = "sort_operator", .sql = "CASE WHEN a.aggsortop <> 0 THEN a.aggsortop::regoperator END"},
    {.name = "parallel",
     .sql = "CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END",
     .meaning = Class::operational},
    {.name = "owner", .sql = PLUMBLINE_OWNER("p.proowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("p.proacl", "'f'", "p.proowner"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_proc", "p.oid"), .meaning = Class::cosmetic},
};

#undef ROUTINE

}  // namespace

const Kind aggregate{
    .name = "aggregate",
    .label = "aggregate",
    .address = {.catalog = "pg_proc", .oid = "p.oid"},
    .identity = {.schema = "n.nspname",
                 .name = "quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')'"},
    .from =
        "FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid"
        " JOIN pg_namespace n ON n.oid = p.pronamespace AND " PLUMBLINE_LASTING_SCHEMA " WHERE true",
    .attributes = attributes,
    .name_is_sql = true,
};

}  // namespace plumbline::kinds
