#include "snapshot/members.h"

#include <algorithm>
#include <set>
#include <vector>

#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/kind.h"
#include "snapshot/query.h"

namespace plumbline {

namespace {

constexpr std::size_t hash_digits = 8;

using Owners = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

// A trusted extension's members belong to the bootstrap superuser (OID 10), whoever installed it.
Owners usual_owners(Connection& connection) {
  Owners result;
  connection.query("SELECT extname, pg_get_userbyid(extowner), pg_get_userbyid(10) FROM pg_extension",
                   [&](const Row& row) {
                     result[std::string(row[0])] = {std::string(row[1]), std::string(row[2])};
                   });
  return result;
}

std::set<std::string, std::less<>> catalogs_with_members(Connection& connection) {
  std::set<std::string, std::less<>> result;
  connection.query(member_catalogs_query, [&](const Row& row) { result.emplace(row[0]); });
  return result;
}

std::string line_of(const Kind& kind, const Row& row, const std::set<std::string, std::less<>>& owners,
                    SymbolTable& symbols) {
  const ObjectId id{&kind, symbols.intern(row[2]), symbols.intern(row[3]), symbols.intern(row[4])};
  std::string text;
  for (std::size_t i = 0; i < kind.attributes.size(); ++i) {
    const Attribute& attribute = kind.attributes[i];
    const std::string_view value = row[first_attribute_column + i];
    const bool usual = attribute.name == "owner" && owners.contains(value);
    if (value.empty() || usual || !attribute.compared || is_unknown(value)) continue;
    text.append(attribute.name).push_back('\0');
    text.append(value).push_back('\0');
  }
  return describe(id) + " " + sha256_hex(text).substr(0, hash_digits);
}

}  // namespace

std::map<std::string, std::string, std::less<>> member_lines(Connection& connection, SymbolTable& symbols,
                                                             std::span<const Kind* const> kinds) {
  const Owners owners = usual_owners(connection);
  const auto catalogs = catalogs_with_members(connection);
  std::map<std::string, std::vector<std::string>, std::less<>> lines;
  for (const Kind* kind : kinds) {
    const bool belongs = !kind->address.belongs_to.empty() && catalogs.contains("pg_class");
    if (!belongs && !catalogs.contains(kind->address.catalog)) continue;
    try {
      connection.stream(member_query(*kind, connection.version()), [&](const Row& row) {
        const std::string extension(row[first_attribute_column + kind->attributes.size()]);
        lines[extension].push_back(line_of(*kind, row, owners.at(extension), symbols));
      });
    } catch (Error& error) {
      error.during("reading the members of extensions");
      throw;
    }
  }
  std::map<std::string, std::string, std::less<>> result;
  for (auto& [extension, members] : lines) {
    std::ranges::sort(members);
    result.emplace(extension, join(members, "\n"));
  }
  return result;
}

}  // namespace plumbline
