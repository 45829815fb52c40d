#include "expected/expected.h"

#include <unistd.h>

#include <fstream>
#include <system_error>

#include "expected/attribution_json.h"
#include "expected/dependencies_json.h"
#include "expected/file_tree.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/capture.h"
#include "snapshot/json.h"
#include "snapshot/kinds.h"
#include "snapshot/query.h"

namespace plumbline {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view expected_database = "expected";
constexpr int cache_format = 2;  // which files an entry has: 2 with dependencies.json

std::string bytes_of(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Everything that the result depends on. The queries stand for the version of our reader.
std::string cache_key(const MigrationDirectory& directory, std::span<const std::size_t> places,
                      const ExpectedOptions& options, const ServerBinaries& server) {
  std::string text;
  const auto put = [&](std::string_view part) { text.append(sha256_hex(part)).push_back('\n'); };
  put(std::to_string(cache_format) + " " + std::to_string(snapshot_format_version) + " " +
      server.full_version + " " + options.shadow.role);
  for (const Kind* kind : all_kinds()) put(kind_query(*kind, server.version));
  put(bytes_of(options.replay.prelude));
  put(options.replay.search_path);
  for (const SessionSetting& setting : directory.settings) put(setting.name + "=" + setting.value);
  for (const std::size_t place : places) {
    const Migration& migration = directory.migrations[place];
    put(migration.file);
    put(migration.transactional ? "transaction" : "no transaction");
    for (const SqlStatement& statement : migration.up) {
      put(statement.text);
      put(statement.data);
      put(std::to_string(statement.line));
    }
  }
  return sha256_hex(text);
}

}  // namespace

Expected::Expected(const MigrationDirectory& directory, std::span<const std::size_t> places,
                   SymbolTable& symbols, const ExpectedOptions& options)
    : directory_(directory), places_(places.begin(), places.end()), symbols_(symbols), options_(options) {
  const bool cacheable = options.shadow.url.empty() && !options.shadow.cache_directory.empty();
  if (cacheable) {
    key_ = cache_key(directory, places, options, choose_server_binaries(options.shadow.major));
    entry_ = options.shadow.cache_directory / "expected" / key_;
    if (load()) return;
  }
  replay_now(true);
  if (cacheable) store();
}

std::vector<std::string> Expected::warnings() const {
  std::vector<std::string> result = warnings_;
  if (shadow_) {
    for (std::string& warning : shadow_->warnings()) result.push_back(std::move(warning));
  }
  return result;
}

Connection& Expected::connection() {
  if (!shadow_) replay_now(false);
  if (!connection_) connection_ = shadow_->connect(expected_database);
  return *connection_;
}

std::string Expected::conninfo() {
  connection();
  return shadow_->conninfo(expected_database);
}

void Expected::replay_now(bool attribute) {
  shadow_ = start_shadow(options_.shadow);
  shadow_->create_database(expected_database);
  ReplayOptions options = options_.replay;
  options.attribute = attribute;
  Attribution attribution = replay(*shadow_, expected_database, {directory_, places_}, symbols_, options);
  if (!attribute) return;
  attribution_ = std::move(attribution);
  const ReadTransaction transaction(connection());
  CaptureOptions reading;
  reading.throw_away = true;
  // The cache is for those, too, who want to know.
  reading.dependencies = options_.dependencies || !entry_.empty();
  snapshot_ = capture(connection(), symbols_, reading);
}

bool Expected::load() {
  if (!is_own_directory(entry_.parent_path()) || !is_own_directory(entry_)) return false;
  try {
    std::ifstream snapshot(entry_ / "snapshot.json", std::ios::binary);
    std::ifstream attribution(entry_ / "attribution.json", std::ios::binary);
    std::ifstream dependencies(entry_ / "dependencies.json", std::ios::binary);
    if (!snapshot || !attribution || !dependencies) throw Error("a file is missing");
    snapshot_ = read_json(snapshot, symbols_, entry_ / "snapshot.json");
    attribution_ = read_attribution(attribution, symbols_, entry_ / "attribution.json");
    if (options_.dependencies) read_dependencies(dependencies, snapshot_, entry_ / "dependencies.json");
    from_cache_ = true;
  } catch (const Error& error) {  // half written or damaged: replay, and write it again
    warnings_.push_back("the cached snapshot could not be read and was made anew: " + error.message());
    snapshot_ = {};
    attribution_ = {};
    std::error_code ignored;
    fs::remove_all(entry_, ignored);
  }
  return from_cache_;
}

namespace {

// What is below belongs to us alone: a schema says much about a company, and its defaults may hold secrets.
// Nothing that somebody else has made beforehand is taken for it.
fs::path private_draft(const fs::path& entry, std::error_code& error) {
  const fs::path folder = entry.parent_path();
  fs::create_directories(folder, error);
  if (!error && !is_own_directory(folder)) error = std::make_error_code(std::errc::operation_not_permitted);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  std::string draft = entry.string() + ".XXXXXX";
  if (!error && !mkdtemp(draft.data())) error = {errno, std::generic_category()};
  return error ? fs::path() : fs::path(draft);
}

}  // namespace

// Written beside its place and then renamed: it is there whole or not at all. A cache that cannot be written
// costs time and nothing else.
void Expected::store() {
  std::error_code error;
  const fs::path draft = private_draft(entry_, error);
  if (!error) {
    std::ofstream snapshot(draft / "snapshot.json", std::ios::binary);
    std::ofstream attribution(draft / "attribution.json", std::ios::binary);
    std::ofstream dependencies(draft / "dependencies.json", std::ios::binary);
    write_json(snapshot_, snapshot);
    write_json(attribution_, attribution);
    write_dependencies(snapshot_, dependencies);
    for (std::ofstream* file : {&snapshot, &attribution, &dependencies}) file->close();
    if (!error && (!snapshot || !attribution || !dependencies))
      error = std::make_error_code(std::errc::no_space_on_device);
  }
  if (!error) fs::rename(draft, entry_, error);
  if (!error) return;
  std::error_code ignored;
  if (!draft.empty()) fs::remove_all(draft, ignored);
  if (fs::exists(entry_ / "snapshot.json", ignored)) return;  // another run was faster
  warnings_.push_back("the expected snapshot could not be cached in \"" + entry_.parent_path().string() +
                      "\": " + error.message());
}

}  // namespace plumbline
