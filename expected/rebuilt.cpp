#include "expected/rebuilt.h"

#include "expected/dump.h"
#include "postgres/error.h"

namespace plumbline {

namespace {

constexpr std::string_view rebuilt_database = "rebuilt";

}  // namespace

Connection* Rebuilt::connection() {
  if (!tried_) {
    tried_ = true;
    try {
      rebuild();
    } catch (const Error& error) {
      warnings_.push_back("no server could be asked whether two spellings mean the same: " + error.message());
    }
  }
  return connection_.get();
}

void Rebuilt::rebuild() {
  const std::string dump = dump_schema(choose_pg_dump(major_), conninfo_,
                                       {"--no-owner", "--no-privileges", "--no-comments", "--no-tablespaces",
                                        "--no-security-labels", "--no-publications", "--no-subscriptions"});
  shadow_ = start_shadow(options_);
  shadow_->create_database(rebuilt_database);
  // The schema public is there already; what else is refused is missed only when it is asked about.
  restore_schema(*shadow_, rebuilt_database, dump);
  connection_ = shadow_->connect(rebuilt_database);
}

}  // namespace plumbline
