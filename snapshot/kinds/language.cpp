#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "handler", .sql = "nullif(l.lanplcallfoid, 0)::regprocedure"},
    {.name = "inline", .sql = "nullif(l.laninline, 0)::regprocedure"},
    {.name = "validator", .sql = "nullif(l.lanvalidator, 0)::regprocedure"},
    {.name = "procedural", .sql = "CASE WHEN NOT l.lanispl THEN 'false' END"},
    {.name = "trusted", .sql = PLUMBLINE_FLAG("l.lanpltrusted"), .meaning = Class::security},
    {.name = "owner", .sql = PLUMBLINE_OWNER("l.lanowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("l.lanacl", "'l'", "l.lanowner"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_language", "l.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind language{
    .name = "language",
    .label = "language",
    .address = {.catalog = "pg_language", .oid = "l.oid"},
    .identity = {.name = "l.lanname"},
    .from = "FROM pg_language l WHERE true",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
