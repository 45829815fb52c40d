#include "snapshot/filter.h"

#include <algorithm>

#include "postgres/text.h"

namespace plumbline {

Snapshot filtered(const Snapshot& snapshot, const std::vector<std::string>& include,
                  const std::vector<std::string>& exclude) {
  return filtered(snapshot, [&](const ObjectId& id) {
    std::string name(id.schema.view());
    if (!name.empty()) name += '.';
    name += id.parent.empty() ? id.name.view() : id.parent.view();
    const auto matches = [&](const std::string& glob) { return glob_matches(glob, name); };
    return (include.empty() || std::ranges::any_of(include, matches)) &&
           std::ranges::none_of(exclude, matches);
  });
}

Snapshot filtered(const Snapshot& snapshot, const std::function<bool(const ObjectId&)>& wanted) {
  Snapshot result;
  result.server_version = snapshot.server_version;
  result.unreadable = snapshot.unreadable;
  result.database = snapshot.database;
  result.members = snapshot.members;
  for (std::size_t place = 0; place < snapshot.size(); ++place) {
    const Object object = snapshot[place];
    if (wanted(object.id())) result.add(object.id(), object.values(), snapshot.address(place));
  }
  result.seal();
  for (const Dependency& dependency : snapshot.dependencies()) {
    if (result.find(dependency.dependent) && result.find(dependency.referenced))
      result.add_dependency(dependency);
  }
  return result;
}

}  // namespace plumbline
