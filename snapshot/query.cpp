#include "snapshot/query.h"

namespace plumbline {

namespace {

// The first OID that initdb does not give away (access/transam.h, FirstNormalObjectId; unchanged since 8.1).
constexpr std::string_view first_user_oid = "16384";

bool has(const Attribute& attribute, int server_version) {
  return attribute.since <= server_version && (attribute.until == 0 || server_version <= attribute.until);
}

std::string select_list(const Kind& kind, int server_version) {
  std::string sql = "SELECT ";
  sql.append(kind.address.oid).append(" AS oid, ").append(kind.address.subid).append(" AS subid");
  sql.append(",\n  ").append(kind.identity.schema).append(" AS schema");
  sql.append(",\n  ").append(kind.identity.parent).append(" AS parent");
  sql.append(",\n  ").append(kind.identity.name).append(" AS name");
  for (const Attribute& attribute : kind.attributes) {
    sql.append(",\n  ").append(has(attribute, server_version) ? attribute.sql : "NULL");
    sql.append(" AS \"").append(attribute.name).append("\"");
  }
  return sql;
}

// Where Kind::Address::belongs_to points.
constexpr std::string_view owning_catalogs = "'pg_class'::regclass, 'pg_type'::regclass";

std::string own_catalog(const Kind& kind) { return "'" + std::string(kind.address.catalog) + "'::regclass"; }

std::string members_in(std::string_view catalogs) {
  return "SELECT objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND classid IN (" +
         std::string(catalogs) + ") AND deptype = 'e'";
}

std::string extension_of(std::string_view oid, std::string_view catalogs) {
  return "(SELECT owning.extname FROM pg_depend link JOIN pg_extension owning ON owning.oid = link.refobjid "
         "WHERE link.refclassid ="
         " 'pg_extension'::regclass AND link.deptype = 'e' AND link.classid IN (" +
         std::string(catalogs) + ") AND link.objid = " + std::string(oid) + " LIMIT 1)";
}

}  // namespace

std::string is_no_member(const Kind& kind) {
  return std::string(kind.address.oid) + " NOT IN (" + members_in(own_catalog(kind)) + ")";
}

std::string kind_query(const Kind& kind, int server_version, std::string_view only_oids) {
  const Kind::Address& at = kind.address;
  std::string sql = select_list(kind, server_version);
  sql.append("\n").append(kind.from);
  if (!kind.built_in) sql.append("\n  AND ").append(at.oid).append(" >= ").append(first_user_oid);
  // Members belong to their extension; NOT IN over the few members is one hashed list, not a look-up per
  // object.
  sql.append("\n  AND ").append(is_no_member(kind));
  if (!at.belongs_to.empty()) {
    sql.append("\n  AND ")
        .append(at.belongs_to)
        .append(" NOT IN (")
        .append(members_in(owning_catalogs))
        .append(")");
  }
  if (!only_oids.empty()) {
    sql.append("\n  AND ").append(at.whole.empty() ? at.oid : at.whole);
    sql.append(" = ANY (").append(only_oids).append(")");
  }
  return sql;
}

std::string member_query(const Kind& kind, int server_version) {
  const Kind::Address& at = kind.address;
  std::string sql = select_list(kind, server_version);
  std::string extension = extension_of(at.oid, own_catalog(kind));
  const std::string is_listed = std::string(at.oid) + " IN (" + members_in(own_catalog(kind)) + ")";
  std::string is_member = is_listed;
  if (!at.belongs_to.empty()) {
    extension = "coalesce(" + extension + ", " + extension_of(at.belongs_to, owning_catalogs) + ")";
    is_member += " OR " + std::string(at.belongs_to) + " IN (" + members_in(owning_catalogs) + ")";
  }
  sql.append(",\n  ")
      .append(extension)
      .append(",\n  ")
      .append(at.subid)
      .append(" = 0 AND ")
      .append(is_listed);
  return sql.append("\n").append(kind.from).append("\n  AND (" + is_member + ")");
}

}  // namespace plumbline
