#include "snapshot/query.h"

namespace plumbline {

namespace {

// The first OID that initdb does not give away (access/transam.h, FirstNormalObjectId; unchanged since 8.1).
constexpr std::string_view first_user_oid = "16384";

bool has(const Attribute& attribute, int server_version) {
  return attribute.since <= server_version && (attribute.until == 0 || server_version <= attribute.until);
}

}  // namespace

std::string kind_query(const Kind& kind, int server_version, std::string_view only_oids) {
  std::string sql = "SELECT ";
  sql.append(kind.address.oid).append(" AS oid, ").append(kind.address.subid).append(" AS subid");
  sql.append(",\n  ").append(kind.identity.schema).append(" AS schema");
  sql.append(",\n  ").append(kind.identity.parent).append(" AS parent");
  sql.append(",\n  ").append(kind.identity.name).append(" AS name");
  for (const Attribute& attribute : kind.attributes) {
    sql.append(",\n  ").append(has(attribute, server_version) ? attribute.sql : "NULL");
    sql.append(" AS \"").append(attribute.name).append("\"");
  }
  sql.append("\n").append(kind.from);
  if (!kind.built_in) {
    sql.append("\n  AND ").append(kind.address.oid).append(" >= ").append(first_user_oid);
  }
  // Members belong to their extension; NOT IN over the few members is one hashed list, not a look-up per
  // object.
  sql.append("\n  AND ").append(kind.address.oid);
  sql.append(" NOT IN (SELECT objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass");
  sql.append(" AND classid = '").append(kind.address.catalog).append("'::regclass AND deptype = 'e')");
  if (!only_oids.empty()) {
    sql.append("\n  AND ").append(kind.address.whole.empty() ? kind.address.oid : kind.address.whole);
    sql.append(" = ANY (").append(only_oids).append(")");
  }
  return sql;
}

}  // namespace plumbline
