#pragma once

#include <string>
#include <string_view>

#include "snapshot/kind.h"

namespace plumbline {

// The SELECT of one kind for one server version. Columns: oid, subid, schema, parent, name, then one for each
// attribute in order; what the version does not have is NULL. Left out are the objects that initdb made and
// the members of extensions. `only_oids`, when not empty, is a list of OIDs ("1,2,3") to which the query is
// confined.
std::string kind_query(const Kind& kind, int server_version, std::string_view only_oids = {});

// The condition, as SQL, that no extension lists the object.
std::string is_no_member(const Kind& kind);

// The query for the members of extensions and what belongs to them, with two more columns: the extension's
// name, and whether the extension itself lists the object.
std::string member_query(const Kind& kind, int server_version);

// Which catalogues (Kind::Address::catalog) have members of extensions.
inline constexpr std::string_view member_catalogs_query =
    "SELECT DISTINCT classid::regclass::text FROM pg_depend WHERE refclassid = 'pg_extension'::regclass"
    " AND deptype = 'e'";

inline constexpr std::size_t first_attribute_column = 5;

}  // namespace plumbline
