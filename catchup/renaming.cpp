#include "catchup/renaming.h"

#include <algorithm>
#include <map>

#include "postgres/error.h"
#include "snapshot/kinds/rename_sql.h"

namespace plumbline {

namespace {

using Names = std::multimap<std::string, ObjectId, std::less<>>;

// Under their names as they are, and as SQL writes them.
Names only_in(const Snapshot& one, const Snapshot& other) {
  Names names;
  for (std::size_t place = 0; place < one.size(); ++place) {
    const ObjectId& id = one.id(place);
    if (other.find(id)) continue;
    names.emplace(plain_name(id), id);
    if (qualified(id) != plain_name(id)) names.emplace(qualified(id), id);
  }
  return names;
}

bool find_pair(const Names& from, const Names& to, const RenameWish& wish, std::vector<Renaming>& found) {
  const auto [first, last] = from.equal_range(wish.from);
  const auto [begin, end] = to.equal_range(wish.to);
  for (auto one = first; one != last; ++one) {
    for (auto other = begin; other != end; ++other) {
      if (one->second.kind != other->second.kind) continue;
      found.push_back({one->second, other->second});
      return true;
    }
  }
  return false;
}

}  // namespace

std::string plain_name(const ObjectId& id) {
  std::string name;
  for (const Symbol part : {id.schema, id.parent}) {
    if (!part.empty()) name.append(part.view()).append(".");
  }
  return name.append(id.name.view());
}

std::vector<Renaming> find_renamings(const Snapshot& actual, const Snapshot& expected,
                                     const std::vector<RenameWish>& wishes) {
  const Names gone = only_in(actual, expected), come = only_in(expected, actual);
  std::vector<Renaming> found;
  for (const RenameWish& wish : wishes) {
    if (find_pair(gone, come, wish, found) || find_pair(gone, come, {wish.to, wish.from}, found)) continue;
    throw Error("\"" + wish.from + "\" and \"" + wish.to +
                    "\" are not two objects of one kind of which each side has one",
                "Write both as the report does, like --rename public.users.mail=public.users.email.");
  }
  return found;
}

std::string name_behind(const std::vector<Renaming>& renamings, const std::string& before) {
  const auto found =
      std::ranges::find(renamings, before, [](const Renaming& one) { return qualified(one.from); });
  return found == renamings.end() ? before : qualified(found->to);
}

std::string name_before(const std::vector<Renaming>& renamings, const std::string& behind) {
  const auto found =
      std::ranges::find(renamings, behind, [](const Renaming& one) { return qualified(one.to); });
  return found == renamings.end() ? behind : qualified(found->from);
}

std::vector<Statement> renaming_statements(const std::vector<Renaming>& renamings) {
  std::vector<Renaming> ordered = renamings;
  std::ranges::stable_sort(ordered, {}, [](const Renaming& one) { return one.from.parent.empty(); });
  std::vector<Statement> statements;
  for (const Renaming& one : ordered) {
    for (const std::string& sql : rename_sql(one.from, one.to))
      statements.push_back({sql, {Hazard::blocks_reads_and_writes}});
  }
  return statements;
}

std::vector<Statement> renaming_back(const std::vector<Renaming>& renamings) {
  std::vector<Renaming> turned;
  turned.reserve(renamings.size());
  for (const Renaming& one : renamings) turned.push_back({one.to, one.from});
  return renaming_statements(turned);
}

}  // namespace plumbline
