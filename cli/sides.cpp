#include "cli/sides.h"

#include <fstream>
#include <numeric>

#include "cli/accounts.h"
#include "cli/log.h"
#include "cli/read_file.h"
#include "expected/sandbox.h"
#include "migrations/ledger.h"
#include "migrations/splitter.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/without_ledger.h"
#include "snapshot/capture.h"
#include "snapshot/json.h"
#include "snapshot/json_pair.h"

namespace plumbline {

namespace {

// A large file, without writing its memory twice.
class FileText {
 public:
  explicit FileText(const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) throw Error("cannot read \"" + path + "\"", "Check the path and its permissions.");
    const std::streamoff size = in.tellg();
    if (size <= 0) return;  // no regular file: nothing that we laid out
    bytes_ = std::make_unique_for_overwrite<char[]>(static_cast<std::size_t>(size));
    in.seekg(0);
    in.read(bytes_.get(), size);
    size_ = static_cast<std::size_t>(in.gcount());
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

// A schema file is replayed like a history of one migration.
MigrationDirectory directory_of_file(const std::string& path) {
  std::string text = read_file(path);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (!is_valid_utf8(text)) throw Error("\"" + path + "\" is not valid UTF-8", "Save the file as UTF-8.");
  MigrationDirectory directory;
  directory.path = path;
  Migration migration;
  migration.version = migration.file = path;
  migration.transactional = false;
  migration.up = split_sql(text, path);
  directory.migrations.push_back(std::move(migration));
  return directory;
}

Side replayed_side(const State& state, SymbolTable& symbols, const Settings& settings,
                   const ReadOptions& read) {
  Side side;
  side.description = describe(state);
  side.directory = std::make_unique<MigrationDirectory>(directory_of(state, settings));
  // Nobody can rename a file of a revision that is past.
  state.type == State::Type::git ? warn_of_not_understood(*side.directory)
                                 : refuse_not_understood(*side.directory);
  std::vector<std::size_t> places(side.directory->migrations.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  const bool has_versions = state.type == State::Type::migrations || state.type == State::Type::git;
  if (has_versions && settings.at != "applied") places = applied_at(*side.directory, settings.at).applied;
  ExpectedOptions options = expected_options(settings, read.major, "postgres");
  if (!has_versions) options.replay.prelude.clear();
  options.dependencies = read.dependencies;
  log::ProgressLine progress;
  options.replay.progress = progress.callback();
  side.expected = std::make_unique<Expected>(*side.directory, places, symbols, options);
  return side;
}

bool is_read(const State& state) {
  return state.type == State::Type::live || state.type == State::Type::snapshot_file;
}

// Nothing when one of the files is none that we wrote as it stands.
std::optional<Sides> read_files(const State& actual, const State& expected, SymbolTable& symbols) {
  const FileText live(actual.text), promised(expected.text);
  auto pair = read_differing({live.view(), actual.text}, {promised.view(), expected.text}, symbols);
  if (!pair) return std::nullopt;
  Sides sides;
  sides.actual.snapshot = std::move(pair->actual);
  sides.actual.description = describe(actual);
  sides.expected.snapshot = std::move(pair->expected);
  sides.expected.description = describe(expected);
  sides.equal = pair->equal;
  return sides;
}

// A file may have been written of a database with the ledger, by a plumbline that did not leave it out.
void leave_out_ledger(Sides& sides) {
  OwnLedger own = sides.actual.own_ledger;
  own.add(sides.expected.own_ledger);
  if (own.empty()) return;
  Snapshot actual = without_ledger(snapshot_of(sides.actual), own, &snapshot_of(sides.expected));
  if (!sides.expected.expected)
    sides.expected.snapshot = without_ledger(sides.expected.snapshot, own, &snapshot_of(sides.actual));
  if (!sides.actual.expected) sides.actual.snapshot = std::move(actual);
}

}  // namespace

MigrationDirectory directory_of(const State& state, const Settings& settings) {
  MigrationOptions options = settings.migrations;
  switch (state.type) {
    case State::Type::sql_file:
      return directory_of_file(state.text);
    case State::Type::git:
      options.path = state.text;
      return load_migrations(options, read_git(state.revision, state.path));
    case State::Type::migrations:
      options.path = state.text;
      return load_migrations(options);
    default:
      return {};
  }
}

LiveSide::LiveSide(const std::string& conninfo)
    : conninfo_(conninfo),
      connection_(connect({.conninfo = conninfo})),
      transaction_(std::make_unique<ReadTransaction>(*connection_)) {
  log::detail("reading " + connection_->description() + ", PostgreSQL " +
              std::to_string(connection_->version()) + ", as " + connection_->user());
}

Snapshot LiveSide::capture(SymbolTable& symbols, bool cluster, bool dependencies) {
  log::ProgressLine progress;
  CaptureOptions options;
  options.cluster = cluster;
  options.identity = true;
  options.dependencies = dependencies;
  options.more = [this] { return connect({.conninfo = conninfo_}); };
  options.progress = progress.callback();
  options.names_vanished = last_try_;
  return plumbline::capture(*connection_, symbols, options);
}

void LiveSide::start_again(bool last) {
  last_try_ = last;
  log::detail("the schema was changed while it was read; reading it again");
  transaction_.reset();
  transaction_ = std::make_unique<ReadTransaction>(*connection_);
}

void LiveSide::close() { transaction_.reset(); }

std::string LiveSide::description() const { return "live database " + connection_->description(); }

ExpectedOptions expected_options(const Settings& settings, int major, const std::string& role) {
  ExpectedOptions options;
  options.shadow.major = major;
  options.shadow.url = settings.shadow_url;
  options.shadow.role = role;
  options.shadow.cache_directory = settings.cache_directory;
  options.replay.prelude = settings.prelude;
  options.replay.search_path = settings.search_path;
  return options;
}

Side read_side(const State& state, SymbolTable& symbols, const Settings& settings,
               const ReadOptions& options) {
  Side side;
  switch (state.type) {
    case State::Type::live: {
      read_live(state.text, [&](LiveSide& live) {
        side.own_ledger = own_ledger(live.connection());
        side.snapshot = live.capture(symbols, settings.cluster, options.dependencies);
        side.presets = active_presets(settings.presets, &live.connection());
        if (options.conditions) side.conditions = conditions_of(live.connection());
        side.description = live.description();
        side.user = live.connection().user();
      });
      if (!side.own_ledger.empty()) side.snapshot = without_ledger(side.snapshot, side.own_ledger);
      side.conninfo = state.text;
      return side;
    }
    case State::Type::snapshot_file: {
      std::ifstream in(state.text, std::ios::binary);
      if (!in) throw Error("cannot read \"" + state.text + "\"", "Check the path and its permissions.");
      side.snapshot = read_json(in, symbols, state.text);
      side.description = describe(state);
      return side;
    }
    default:
      return replayed_side(state, symbols, settings, options);
  }
}

Sides read_sides(const State& actual, const State& expected, SymbolTable& symbols, const Settings& settings,
                 const SidesOptions& options) {
  constexpr auto file = State::Type::snapshot_file;
  if (!options.whole && actual.type == file && expected.type == file) {
    if (auto sides = read_files(actual, expected, symbols)) return std::move(*sides);
  }
  // What is only read comes first: its server's version is the one to replay the other side on.
  Sides sides;
  if (is_read(actual) || !is_read(expected)) {
    sides.actual = read_side(actual, symbols, settings, {0, options.dependencies, true});
    sides.expected = read_side(expected, symbols, settings,
                               {snapshot_of(sides.actual).server_version, options.dependencies});
  } else {
    sides.expected = read_side(expected, symbols, settings, {0, options.dependencies});
    sides.actual = read_side(actual, symbols, settings,
                             {snapshot_of(sides.expected).server_version, options.dependencies, true});
  }
  leave_out_ledger(sides);
  return sides;
}

const Snapshot& snapshot_of(const Side& side) {
  return side.expected ? side.expected->snapshot() : side.snapshot;
}

void warn_of_what_is_shared(const Settings& settings) {
  if (!settings.shadow_url.empty()) return;
  const std::string shared = shared_with_sandbox(possible_isolation());
  if (!shared.empty()) log::warning(shared);
}

}  // namespace plumbline
