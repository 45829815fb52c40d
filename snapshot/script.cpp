#include "snapshot/script.h"

namespace plumbline {

std::string_view to_string(Hazard hazard) {
  switch (hazard) {
    case Hazard::deletes_data:
      return "DELETES_DATA";
    case Hazard::rewrites_table:
      return "REWRITES_TABLE";
    case Hazard::blocks_reads_and_writes:
      return "ACQUIRES_ACCESS_EXCLUSIVE_LOCK";
    case Hazard::blocks_writes:
      return "ACQUIRES_SHARE_LOCK";
    case Hazard::scans_table:
      return "SCANS_TABLE";
    case Hazard::index_build:
      return "INDEX_BUILD";
    case Hazard::index_dropped:
      return "INDEX_DROPPED";
    case Hazard::authorisation:
      return "AUTHZ_UPDATE";
    case Hazard::correctness:
      return "CORRECTNESS";
    case Hazard::extension_version:
      return "UPGRADING_EXTENSION_VERSION";
    case Hazard::untracked_dependencies:
      return "HAS_UNTRACKABLE_DEPENDENCIES";
  }
  return {};
}

}  // namespace plumbline
