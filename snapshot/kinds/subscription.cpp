#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

// Everybody may read all columns of pg_subscription but this one. A query that names it is refused as a
// whole, so it is asked for by a query of its own, once it is known to be allowed.
#define CONNECTION                                                                                \
  "CASE WHEN has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT')"         \
  " THEN 'fingerprint ' || substring(query_to_xml('SELECT " PLUMBLINE_FINGERPRINT_IN_LITERAL      \
  " AS f FROM pg_subscription WHERE oid = ' || s.oid, false, true, '')::text FROM '<f>(.*)</f>')" \
  " ELSE " PLUMBLINE_NOT_READABLE " END"
#define PLUMBLINE_FINGERPRINT_IN_LITERAL "left(encode(sha256(convert_to(subconninfo, ''UTF8'')), ''hex''), 4)"

constexpr Attribute attributes[] = {
    {.name = "connection", .sql = CONNECTION, .meaning = Class::data},
    {.name = "publications",
     .sql = "(SELECT string_agg(quote_ident(x), ', ' ORDER BY x COLLATE \"C\") FROM "
            "unnest(s.subpublications) x)",
     .meaning = Class::data},
    {.name = "enabled", .sql = "CASE WHEN NOT s.subenabled THEN 'false' END", .meaning = Class::data},
    {.name = "slot", .sql = "coalesce(s.subslotname, 'NONE')", .meaning = Class::data},
    {.name = "synchronous_commit", .sql = "nullif(s.subsynccommit, 'off')", .meaning = Class::operational},
    {.name = "binary", .sql = PLUMBLINE_FLAG("s.subbinary"), .meaning = Class::operational},
    // A boolean up to 15, on since 16: parallel too, which is what 18 takes for granted.
    {.name = "streaming",
     .sql = "CASE s.substream::text WHEN 't' THEN 'on' WHEN 'true' THEN 'on' WHEN 'p' THEN 'parallel' END",
     .meaning = Class::operational,
     .one_version = true},
    // Pending until the first copy is done.
    {.name = "two_phase",
     .sql = PLUMBLINE_FLAG("s.subtwophasestate <> 'd'"),
     .since = 15,
     .meaning = Class::operational},
    {.name = "disable_on_error",
     .sql = PLUMBLINE_FLAG("s.subdisableonerr"),
     .since = 15,
     .meaning = Class::operational},
    {.name = "password_required",
     .sql = "CASE WHEN NOT s.subpasswordrequired THEN 'false' END",
     .since = 16,
     .meaning = Class::security},
    {.name = "run_as_owner",
     .sql = PLUMBLINE_FLAG("s.subrunasowner"),
     .since = 16,
     .meaning = Class::security},
    {.name = "origin", .sql = "nullif(s.suborigin, 'any')", .since = 16, .meaning = Class::data},
    {.name = "failover", .sql = PLUMBLINE_FLAG("s.subfailover"), .since = 17, .meaning = Class::operational},
    {.name = "owner", .sql = PLUMBLINE_OWNER("s.subowner"), .meaning = Class::security},
    {.name = "security_labels",
     .sql = PLUMBLINE_SHARED_LABELS("pg_subscription", "s.oid"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_subscription", "s.oid"), .meaning = Class::cosmetic},
};

#undef CONNECTION
#undef PLUMBLINE_FINGERPRINT_IN_LITERAL

}  // namespace

// The catalogue is that of the whole cluster; its column oid may be read by everybody since 14.
const Kind subscription{
    .name = "subscription",
    .label = "subscription",
    .address = {.catalog = "pg_subscription", .oid = "s.oid"},
    .identity = {.name = "s.subname"},
    .from =
        "FROM pg_subscription s WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = "
        "current_database())",
    .attributes = attributes,
    .since = 14,
    .missing = Class::data,
    .unexpected = Class::data,
};

}  // namespace plumbline::kinds
