#include "expected/dependencies_json.h"

#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "postgres/error.h"

namespace plumbline {

namespace {

using Hold = Dependency::Hold;

constexpr std::size_t fields = 3;  // dependent, referenced, hold

bool has(const Snapshot& snapshot, const ObjectId& id, std::size_t place) {
  return place < snapshot.size() && snapshot.id(place) == id;
}

[[noreturn]] void refuse(const std::string& name) {
  throw Error("\"" + name + "\" holds no dependencies of this snapshot",
              "Delete the file; it will be written again.");
}

}  // namespace

// [number of objects, dependent, referenced, hold, dependent, referenced, hold, ...]
void write_dependencies(const Snapshot& snapshot, std::ostream& out) {
  out << "[" << snapshot.size();
  for (const Dependency& dependency : snapshot.dependencies()) {
    const std::size_t dependent = snapshot.first_from(dependency.dependent, 0);
    const std::size_t referenced = snapshot.first_from(dependency.referenced, 0);
    if (!has(snapshot, dependency.dependent, dependent) || !has(snapshot, dependency.referenced, referenced))
      continue;
    out << ",\n" << dependent << "," << referenced << "," << static_cast<int>(dependency.hold);
  }
  out << "]\n";
}

void read_dependencies(std::istream& in, Snapshot& snapshot, const std::string& name) {
  try {
    const auto numbers = nlohmann::json::parse(in).get<std::vector<std::size_t>>();
    if (numbers.size() % fields != 1 || numbers[0] != snapshot.size()) refuse(name);
    for (std::size_t at = 1; at < numbers.size(); at += fields) {
      const std::size_t hold = numbers[at + 2];
      if (numbers[at] >= snapshot.size() || numbers[at + 1] >= snapshot.size() ||
          hold > static_cast<std::size_t>(Hold::internal))
        refuse(name);
      snapshot.add_dependency(
          {snapshot.id(numbers[at]), snapshot.id(numbers[at + 1]), static_cast<Hold>(hold)});
    }
  } catch (const nlohmann::json::exception&) {
    refuse(name);
  }
}

}  // namespace plumbline
