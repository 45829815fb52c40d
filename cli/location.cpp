#include "cli/location.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <vector>

#include "cli/log.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

std::string plain(const std::string& location) {
  std::string path = std::filesystem::path(location).lexically_normal().generic_string();
  if (path.ends_with('/')) path.pop_back();
  return path;
}

bool reads(const std::vector<std::string>& locations, const std::string& location) {
  return std::ranges::any_of(locations,
                             [&](const std::string& each) { return plain(each) == plain(location); });
}

// An environment without locations of its own has those of the file; without any it reads all.
bool is_read_by_all(const Settings& settings, const std::string& location) {
  const std::vector<std::string>& whole = settings.file_locations;
  if (!whole.empty() && !reads(whole, location)) return false;
  return std::ranges::all_of(settings.environments, [&](const KnownEnvironment& each) {
    const std::vector<std::string>& own = each.locations.empty() ? whole : each.locations;
    return own.empty() || reads(own, location);
  });
}

std::string readers_of(const Settings& settings, const std::string& location) {
  std::vector<std::string> names;
  for (const KnownEnvironment& each : settings.environments) {
    const std::vector<std::string>& own = each.locations.empty() ? settings.file_locations : each.locations;
    if (own.empty() || reads(own, location)) names.push_back(each.name);
  }
  return names.empty() ? "no environment" : join(names, ", ");
}

}  // namespace

std::string location_of_new(const Settings& settings, const std::string& wanted,
                            const MigrationDirectory* directory) {
  const std::vector<std::string>& locations = settings.migrations.locations;
  if (!wanted.empty()) {
    if (reads(locations, wanted)) return plain(wanted);
    throw Error("\"" + wanted + "\" is no location of the migrations",
                locations.empty() ? "Leave --location out: the settings name no locations"
                                  : "Say one of them: --location " + join(locations, ", --location "));
  }
  if (locations.empty()) return {};
  std::vector<std::string> shared;
  std::ranges::copy_if(locations, std::back_inserter(shared),
                       [&](const std::string& each) { return is_read_by_all(settings, each); });
  if (directory != nullptr) {
    const std::vector<Migration>& all = directory->migrations;
    for (auto migration = all.rbegin(); migration != all.rend(); ++migration) {
      const auto holds = [&](const std::string& each) {
        return migration->file.starts_with(plain(each) + "/");
      };
      const auto at = std::ranges::find_if(shared, holds);
      if (at != shared.end() && !migration->repeatable) return plain(*at);
    }
  }
  if (!shared.empty()) return plain(shared.front());
  log::warning("no location is read by every environment; \"" + locations.front() + "\" is read by " +
               readers_of(settings, locations.front()));
  return plain(locations.front());
}

}  // namespace plumbline
