#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

// The owner is whoever was allowed to install it, which the migrations do not decide.
constexpr Attribute attributes[] = {
    {.name = "in_schema", .sql = "n.nspname"},
    // Each major brings its own versions of the extensions that come with it.
    {.name = "version", .sql = "e.extversion", .meaning = Class::operational, .one_version = true},
    {.name = "configuration_tables",
     .sql = "(SELECT string_agg(t::regclass::text || coalesce(' ' || nullif(e.extcondition[i], ''), ''), ', '"
            " ORDER BY t::regclass::text) FROM unnest(e.extconfig) WITH ORDINALITY AS c (t, i))",
     .meaning = Class::operational},
    {.name = "members", .sql = "NULL", .form = Form::code, .one_version = true, .members = true},
    {.name = "owner", .sql = PLUMBLINE_OWNER("e.extowner"), .meaning = Class::security, .surroundings = true},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_extension", "e.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind extension{
    .name = "extension",
    .label = "extension",
    .address = {.catalog = "pg_extension", .oid = "e.oid"},
    .identity = {.name = "e.extname"},
    .from = R"sql(FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE true)sql",
    .attributes = attributes,
    .built_in = true,
};

}  // namespace plumbline::kinds
