#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

struct Option {
  std::string_view attribute, option, otherwise;
};
constexpr Option all_options[] = {
    {"slot", "slot_name", ""},
    {"synchronous_commit", "synchronous_commit", "off"},
    {"binary", "binary", "false"},
    {"streaming", "streaming", "off"},
    {"disable_on_error", "disable_on_error", "false"},
    {"password_required", "password_required", "true"},
    {"run_as_owner", "run_as_owner", "false"},
    {"origin", "origin", "any"},
    {"failover", "failover", "false"},
};

std::string setting(const Option& option, std::string_view value) {
  if (value.empty()) value = option.otherwise;
  return std::string(option.option) + " = " + (value == "NONE" ? std::string(value) : quote_literal(value));
}

bool is_secret(std::string_view connection) {
  return connection.starts_with("fingerprint ") || is_unknown(connection);
}

void refuse_connection(const Object& object, Script& out) {
  out.cannot("the connection of " + describe(object.id()) + " holds a secret, which is in no snapshot; " +
             "set it by hand");
}

// Nothing is asked of the publisher, who may be out of reach.
void create(const Object& object, Scene&, Script& out) {
  if (is_secret(object["connection"])) return refuse_connection(object, out);
  std::string list = "connect = false";
  for (const Option& option : all_options) {
    if (!object[option.attribute].empty()) list += ", " + setting(option, object[option.attribute]);
  }
  if (!object["two_phase"].empty()) list += ", two_phase = true";
  out.add("CREATE " + sql_name(object.id()) + " CONNECTION " + quote_literal(object["connection"]) +
          " PUBLICATION " + std::string(object["publications"]) + " WITH (" + list + ")");
}

// Its slot stays at the publisher.
void drop(const Object& object, Scene& scene, Script& out) {
  const std::string alter = "ALTER " + sql_name(object.id());
  if (object["enabled"].empty()) out.add(alter + " DISABLE");
  if (object["slot"] != "NONE") out.add(alter + " SET (slot_name = NONE)", {Hazard::correctness});
  drop_plainly(object, scene, out);
}

bool alter_options_of_subscription(const Change& change, Script& out) {
  std::string list;
  for (const Option& option : all_options) {
    if (change.from(option.attribute) == change.to(option.attribute)) continue;
    list += (list.empty() ? "" : ", ") + setting(option, change.to(option.attribute));
  }
  out.add("ALTER " + sql_name(change.expected.id()) + " SET (" + list + ")");
  return true;
}

bool alter_connection(const Change& change, Script& out) {
  if (is_secret(change.to("connection"))) {
    refuse_connection(change.expected, out);
  } else {
    out.add("ALTER " + sql_name(change.expected.id()) + " CONNECTION " +
            quote_literal(change.to("connection")));
  }
  return true;
}

bool alter_publications(const Change& change, Script& out) {
  out.add("ALTER " + sql_name(change.expected.id()) + " SET PUBLICATION " +
          std::string(change.to("publications")) + " WITH (refresh = false)");
  return true;
}

bool alter_enabled(const Change& change, Script& out) {
  if (is_secret(change.to("connection")) && !change.actual) return true;
  out.add("ALTER " + sql_name(change.expected.id()) +
          (change.to("enabled").empty() ? " ENABLE" : " DISABLE"));
  return true;
}

// Everybody may read all columns of pg_subscription but this one. A query that names it is refused as a
// whole, so it is asked for by a query of its own, once it is known to be allowed.
#define CONNECTION                                                                                \
  "CASE WHEN has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT')"         \
  " THEN substring(query_to_xml('SELECT " PLUMBLINE_FINGERPRINT_IN_LITERAL                        \
  " AS f FROM pg_subscription WHERE oid = ' || s.oid, false, true, '')::text FROM '<f>(.*)</f>')" \
  " ELSE " PLUMBLINE_NOT_READABLE " END"
// A string that holds no secret is told as it is.
#define PLUMBLINE_FINGERPRINT_IN_LITERAL                                               \
  "CASE WHEN subconninfo ~* ''pass|secret|token|://|[<>&]'' THEN ''fingerprint '' || " \
  "left(encode(sha256(convert_to(subconninfo, ''UTF8'')), ''hex''), 4) ELSE subconninfo END"

constexpr Attribute attributes[] = {
    {.name = "connection", .sql = CONNECTION, .meaning = Class::data, .alter = alter_connection},
    {.name = "publications",
     .sql = "(SELECT string_agg(quote_ident(x), ', ' ORDER BY x COLLATE \"C\") FROM "
            "unnest(s.subpublications) x)",
     .meaning = Class::data,
     .alter = alter_publications},
    {.name = "enabled",
     .sql = "CASE WHEN NOT s.subenabled THEN 'false' END",
     .meaning = Class::data,
     .initial = "false",
     .alter = alter_enabled},
    {.name = "slot",
     .sql = "coalesce(s.subslotname, 'NONE')",
     .meaning = Class::data,
     .alter = alter_options_of_subscription},
    {.name = "synchronous_commit",
     .sql = "nullif(s.subsynccommit, 'off')",
     .meaning = Class::operational,
     .alter = alter_options_of_subscription},
    {.name = "binary",
     .sql = PLUMBLINE_FLAG("s.subbinary"),
     .meaning = Class::operational,
     .alter = alter_options_of_subscription},
    // A boolean up to 15, on since 16: parallel too, which is what 18 takes for granted.
    {.name = "streaming",
     .sql = "CASE s.substream::text WHEN 't' THEN 'on' WHEN 'true' THEN 'on' WHEN 'p' THEN 'parallel' END",
     .meaning = Class::operational,
     .one_version = true,
     .alter = alter_options_of_subscription},
    // Pending until the first copy is done.
    {.name = "two_phase",
     .sql = PLUMBLINE_FLAG("s.subtwophasestate <> 'd'"),
     .since = 15,
     .meaning = Class::operational},
    {.name = "disable_on_error",
     .sql = PLUMBLINE_FLAG("s.subdisableonerr"),
     .since = 15,
     .meaning = Class::operational,
     .alter = alter_options_of_subscription},
    {.name = "password_required",
     .sql = "CASE WHEN NOT s.subpasswordrequired THEN 'false' END",
     .since = 16,
     .meaning = Class::security,
     .alter = alter_options_of_subscription},
    {.name = "run_as_owner",
     .sql = PLUMBLINE_FLAG("s.subrunasowner"),
     .since = 16,
     .meaning = Class::security,
     .alter = alter_options_of_subscription},
    {.name = "origin",
     .sql = "nullif(s.suborigin, 'any')",
     .since = 16,
     .meaning = Class::data,
     .alter = alter_options_of_subscription},
    {.name = "failover",
     .sql = PLUMBLINE_FLAG("s.subfailover"),
     .since = 17,
     .meaning = Class::operational,
     .alter = alter_options_of_subscription},
    owner_attribute(PLUMBLINE_OWNER("s.subowner")),
    {.name = "security_labels",
     .sql = PLUMBLINE_SHARED_LABELS("pg_subscription", "s.oid"),
     .meaning = Class::security},
    comment_attribute(PLUMBLINE_COMMENT("pg_subscription", "s.oid")),
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
    .keyword = "SUBSCRIPTION",
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
