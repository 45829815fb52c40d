#include "snapshot/script.h"

#include <algorithm>
#include <array>

namespace plumbline {

namespace {

struct HazardName {
  Hazard hazard;
  std::string_view name;
};

constexpr std::array<HazardName, 13> names{{
    {Hazard::deletes_data, "DELETES_DATA"},
    {Hazard::fails_on_rows, "MAY_FAIL_ON_ROWS"},
    {Hazard::rewrites_table, "REWRITES_TABLE"},
    {Hazard::blocks_reads_and_writes, "ACQUIRES_ACCESS_EXCLUSIVE_LOCK"},
    {Hazard::blocks_writes, "ACQUIRES_SHARE_LOCK"},
    {Hazard::blocks_writes_and_its_like, "ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK"},
    {Hazard::scans_table, "SCANS_TABLE"},
    {Hazard::index_build, "INDEX_BUILD"},
    {Hazard::index_dropped, "INDEX_DROPPED"},
    {Hazard::authorisation, "AUTHZ_UPDATE"},
    {Hazard::correctness, "CORRECTNESS"},
    {Hazard::extension_version, "UPGRADING_EXTENSION_VERSION"},
    {Hazard::untracked_dependencies, "HAS_UNTRACKABLE_DEPENDENCIES"},
}};

}  // namespace

std::string_view to_string(Hazard hazard) {
  return std::ranges::find(names, hazard, &HazardName::hazard)->name;
}

std::optional<Hazard> hazard_from(std::string_view name) {
  const auto found = std::ranges::find(names, name, &HazardName::name);
  return found == names.end() ? std::nullopt : std::optional(found->hazard);
}

std::vector<std::string> hazard_names() {
  std::vector<std::string> result;
  result.reserve(names.size());
  for (const HazardName& each : names) result.emplace_back(each.name);
  return result;
}

}  // namespace plumbline
