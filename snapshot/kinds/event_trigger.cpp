#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "event", .sql = "e.evtevent"},
    {.name = "tags", .sql = "(SELECT string_agg(x, ', ' ORDER BY x COLLATE \"C\") FROM unnest(e.evttags) x)"},
    {.name = "function", .sql = "e.evtfoid::regprocedure"},
    {.name = "enabled",
     .sql = "CASE e.evtenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END",
     .meaning = Class::operational},
    {.name = "owner", .sql = PLUMBLINE_OWNER("e.evtowner"), .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_event_trigger", "e.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind event_trigger{
    .name = "event_trigger",
    .label = "event trigger",
    .address = {.catalog = "pg_event_trigger", .oid = "e.oid"},
    .identity = {.name = "e.evtname"},
    .from = "FROM pg_event_trigger e WHERE true",
    .attributes = attributes,
    .missing = Class::operational,
    .unexpected = Class::operational,
};

}  // namespace plumbline::kinds
