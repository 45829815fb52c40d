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

// A trusted extension's members belong to the bootstrap superuser (OID 10), whoever installed it.
struct Owners {
  std::set<std::string, std::less<>> usual;
  std::string bootstrap;
};

std::map<std::string, Owners, std::less<>> usual_owners(Connection& connection) {
  std::map<std::string, Owners, std::less<>> result;
  connection.query("SELECT extname, pg_get_userbyid(extowner), pg_get_userbyid(10) FROM pg_extension",
                   [&](const Row& row) {
                     const std::string bootstrap(row[2]);
                     result[std::string(row[0])] = {{std::string(row[1]), bootstrap}, bootstrap};
                   });
  return result;
}

std::set<std::string, std::less<>> catalogs_with_members(Connection& connection) {
  std::set<std::string, std::less<>> result;
  connection.query(member_catalogs_query, [&](const Row& row) { result.emplace(row[0]); });
  return result;
}

bool is_usual(const Attribute& attribute, std::string_view value, const Owners& owners) {
  return attribute.name == "owner" && owners.usual.contains(value);
}

std::string line_of(const ObjectId& id, const Row& row, const Owners& owners) {
  std::string text;
  for (std::size_t i = 0; i < id.kind->attributes.size(); ++i) {
    const Attribute& attribute = id.kind->attributes[i];
    const std::string_view value = row[first_attribute_column + i];
    if (value.empty() || is_usual(attribute, value, owners) || !attribute.compared || is_unknown(value))
      continue;
    text.append(attribute.name).push_back('\0');
    text.append(value).push_back('\0');
  }
  return describe(id) + " " + sha256_hex(text).substr(0, hash_digits);
}

class ReadingMembers {
 public:
  ReadingMembers(Connection& connection, SymbolTable& symbols, bool with_objects)
      : connection_(connection),
        symbols_(symbols),
        with_objects_(with_objects),
        owners_(usual_owners(connection)),
        catalogs_(catalogs_with_members(connection)) {}

  void read(const Kind& kind) {
    const bool belongs =
        !kind.address.belongs_to.empty() && (catalogs_.contains("pg_class") || catalogs_.contains("pg_type"));
    if (!belongs && !catalogs_.contains(kind.address.catalog)) return;
    connection_.stream(member_query(kind, connection_.version()), [&](const Row& row) {
      const std::size_t last = first_attribute_column + kind.attributes.size();
      const std::string extension(row[last]);
      const ObjectId id{&kind, symbols_.intern(row[2]), symbols_.intern(row[3]), symbols_.intern(row[4])};
      const Owners& owners = owners_.at(extension);
      lines_[extension].push_back(line_of(id, row, owners));
      if (with_objects_) add(extension, id, row, owners);
    });
  }

  MemberLines result() {
    MemberLines result;
    for (auto& [extension, lines] : lines_) {
      std::ranges::sort(lines);
      const std::string text = join(lines, "\n");
      result.lines.emplace(extension, text);
      if (!with_objects_) continue;
      Members& members = members_[extension];
      members.objects.seal();
      result.members.emplace(text, std::make_shared<Members>(std::move(members)));
    }
    return result;
  }

 private:
  void add(const std::string& extension, const ObjectId& id, const Row& row, const Owners& owners) {
    std::vector<Symbol> values;
    for (std::size_t i = 0; i < id.kind->attributes.size(); ++i) {
      const std::string_view value = row[first_attribute_column + i];
      const bool usual = is_usual(id.kind->attributes[i], value, owners);
      values.push_back(symbols_.intern(usual ? std::string_view(owners.bootstrap) : value));
    }
    Members& members = members_[extension];
    members.usual_owner = symbols_.intern(owners.bootstrap);
    members.objects.server_version = connection_.version();
    members.objects.add(id, values);
    if (row[first_attribute_column + id.kind->attributes.size() + 1] == "t") members.listed.insert(id);
  }

  Connection& connection_;
  SymbolTable& symbols_;
  const bool with_objects_;
  const std::map<std::string, Owners, std::less<>> owners_;
  const std::set<std::string, std::less<>> catalogs_;
  std::map<std::string, std::vector<std::string>, std::less<>> lines_;
  std::map<std::string, Members, std::less<>> members_;
};

}  // namespace

MemberLines member_lines(Connection& connection, SymbolTable& symbols, std::span<const Kind* const> kinds,
                         bool with_objects) {
  try {
    ReadingMembers reading(connection, symbols, with_objects);
    for (const Kind* kind : kinds) reading.read(*kind);
    return reading.result();
  } catch (Error& error) {
    error.during("reading the members of extensions");
    throw;
  }
}

}  // namespace plumbline
