#include "expected/throw_away_server.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "expected/file_tree.h"
#include "postgres/conninfo.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds patience_for_start{60000}, patience_for_stop{60000};

// Given on the command line, so that a saved data directory cannot bring old ones along.
struct Setting {
  std::string_view name, value;
  int since = 0;
};
constexpr Setting settings[] = {
    {.name = "listen_addresses", .value = ""},
    {.name = "unix_socket_permissions", .value = "0700"},
    // What is lost when the machine stops is thrown away anyhow.
    {.name = "fsync", .value = "off"},
    {.name = "synchronous_commit", .value = "off"},
    {.name = "full_page_writes", .value = "off"},
    {.name = "max_wal_size", .value = "64MB"},
    {.name = "min_wal_size", .value = "2MB"},
    // Migrations make replication slots and publications; with less than "logical" these fail or warn.
    {.name = "wal_level", .value = "logical"},
    {.name = "max_logical_replication_workers", .value = "0"},
    {.name = "autovacuum", .value = "off"},
    {.name = "jit", .value = "off"},
    {.name = "max_connections", .value = "30"},
    {.name = "max_prepared_transactions", .value = "4"},
    {.name = "max_parallel_workers", .value = "0"},
    {.name = "max_locks_per_transaction",
     .value = "1024"},  // a history in one transaction locks all it makes
    {.name = "shared_buffers", .value = "64MB"},
    {.name = "huge_pages", .value = "off"},
    // Its segments are files of the data directory, and go with it.
    {.name = "dynamic_shared_memory_type", .value = "mmap"},
    {.name = "io_method", .value = "sync", .since = 18},
    {.name = "allow_in_place_tablespaces", .value = "on", .since = 15},
    {.name = "lc_messages", .value = "C"},
    {.name = "TimeZone", .value = "UTC"},
    {.name = "log_timezone", .value = "UTC"},
    {.name = "log_destination", .value = "stderr"},
    {.name = "logging_collector", .value = "off"},
    {.name = "log_min_messages", .value = "fatal"},
    {.name = "log_min_error_statement", .value = "panic"},  // statements may hold secrets
    {.name = "log_checkpoints", .value = "off"},
};

// Copying the files is half the work of writing them into the log, and here a checkpoint costs nothing.
constexpr Setting database_options[] = {{.name = "STRATEGY", .value = "file_copy", .since = 15}};

}  // namespace

ThrowAwayServer::ThrowAwayServer(const ShadowOptions& options)
    : role_(options.role),
      binaries_(choose_server_binaries(options.major)),
      user_(server_user()),
      directory_(user_),
      data_(binaries_, user_, directory_.data()),
      sandbox_(std::make_shared<Sandbox>(directory_.path(), binaries_.directory, user_)),
      guardian_(server_command(), directory_.path() / "log", directory_.path(), directory_.lock()) {
  start(options);
  make_role_that_replays();
  if (std::string shared = shared_with_sandbox(sandbox_->reached()); !shared.empty())
    warnings_.push_back(std::move(shared));
}

Invocation ThrowAwayServer::server_command() const {
  std::vector<std::string> words{binaries_.directory / "postgres", "-D", data_.path(), "-k",
                                 directory_.path()};
  for (const Setting& setting : settings) {
    if (setting.since > binaries_.version) continue;
    words.insert(words.end(), {"-c", std::string(setting.name) + "=" + std::string(setting.value)});
  }
  return {.words = words,
          .directory = directory_.path(),
          .user = user_,
          .variables = {"HOME=" + directory_.path().string(), "TMPDIR=/tmp"},
          .sandbox = sandbox_};
}

void ThrowAwayServer::start(const ShadowOptions& options) {
  if (!options.data_from.empty()) {
    data_.copy_saved(options.data_from);
    return run_server();
  }
  if (options.cache_directory.empty() || !data_.copy_cached(options.cache_directory)) {
    make_fresh(options.cache_directory);
    return run_server();
  }
  try {
    run_server();
  } catch (const Error& e) {
    // Something ate a part of the cached one.
    warnings_.push_back("the cached data directory is broken and was made anew: " + e.message());
    data_.clear();
    data_.discard_cached(options.cache_directory);
    make_fresh(options.cache_directory);
    run_server();
  }
}

void ThrowAwayServer::make_fresh(const fs::path& cache) {
  data_.initialise();
  if (cache.empty()) return;
  try {
    data_.keep_in(cache);
  } catch (const Error& e) {
    warnings_.push_back("the next start will be as slow as this one: " + e.message());
  }
}

void ThrowAwayServer::run_server() {
  guardian_.start_server();
  const auto deadline = std::chrono::steady_clock::now() + patience_for_start;
  while (!is_ready()) {
    if (const auto status = guardian_.wait_for_end(milliseconds(1))) {
      fail_to_start("ended with exit code " + std::to_string(*status));
    }
    if (std::chrono::steady_clock::now() > deadline) fail_to_start("was not ready after a minute");
  }
}

// The eighth line of postmaster.pid says whether connections are accepted
// (src/include/utils/pidfile.h, PostgreSQL 10+).
bool ThrowAwayServer::is_ready() {
  std::ifstream file(data_.path() / "postmaster.pid");
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (number == 8) return trim(line) == "ready";
  }
  return false;
}

std::vector<std::string> ThrowAwayServer::log_tail() const {
  std::ifstream file(directory_.path() / "log");
  const std::string log{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> lines = split(trim(log), '\n');
  if (lines.size() > 5) lines.erase(lines.begin(), lines.end() - 5);
  return lines;
}

void ThrowAwayServer::fail_to_start(const std::string& how) {
  const std::vector<std::string> lines = log_tail();
  throw Error("the throw-away server (PostgreSQL " + binaries_.full_version + " in \"" +
                  binaries_.directory.string() + "\") " + how + ": " + join(lines, "; "),
              user_ ? "It ran as the user \"" + user_->name +
                          "\"; PLUMBLINE_SERVER_USER names another, PLUMBLINE_PG_BIN another installation."
                    : "PLUMBLINE_PG_BIN names another installation; --shadow-url uses a server of yours.");
}

Connection& ThrowAwayServer::administrator() {
  if (!administrator_) administrator_ = plumbline::connect({.conninfo = conninfo_as("postgres", "postgres")});
  return *administrator_;
}

std::string ThrowAwayServer::conninfo(std::string_view database) const {
  return conninfo_as(role_, database);
}

// Everything that a PG* variable meant for live could otherwise lead astray is said, and PGHOSTADDR above
// all.
std::string ThrowAwayServer::conninfo_as(std::string_view user, std::string_view database) const {
  return "host=" + conninfo_value(directory_.path().string()) +
         " hostaddr='' port=5432 user=" + conninfo_value(user) + " dbname=" + conninfo_value(database) +
         " password='' options='' sslmode=disable gssencmode=disable channel_binding=disable requirepeer=''"
         " target_session_attrs=any application_name=plumbline";
}

bool ThrowAwayServer::has_role(std::string_view name) {
  return administrator()
      .value("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1", {std::string(name)})
      .has_value();
}

void ThrowAwayServer::make_role_that_replays() {
  if (!has_role(role_))
    administrator().execute("CREATE ROLE " + quote_identifier(role_) + " SUPERUSER LOGIN");
}

void ThrowAwayServer::create_role(std::string_view name) {
  if (!has_role(name)) administrator().execute("CREATE ROLE " + quote_identifier(name));
}

// A session that was closed a moment ago may still be on its way out; the server would look again after 100
// ms only.
void ThrowAwayServer::wait_until_unused(std::string_view database) {
  constexpr std::string_view question =
      "SELECT 1 FROM pg_catalog.pg_stat_activity WHERE datname = $1 LIMIT 1";
  for (int attempt = 0; attempt < 50 && administrator().value(question, {std::string(database)}); ++attempt) {
    std::this_thread::sleep_for(milliseconds(1));
  }
}

void ThrowAwayServer::create_database(std::string_view name, std::string_view template_name) {
  if (!template_name.empty()) wait_until_unused(template_name);
  std::string sql = "CREATE DATABASE " + quote_identifier(name) + " OWNER " + quote_identifier(role_) +
                    " TEMPLATE " + quote_identifier(template_name.empty() ? "template0" : template_name);
  if (template_name.empty()) sql += " ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'";
  for (const Setting& option : database_options) {
    if (option.since <= binaries_.version)
      sql += " " + std::string(option.name) + " " + std::string(option.value);
  }
  administrator().execute(sql);
}

void ThrowAwayServer::drop_database(std::string_view name) {
  wait_until_unused(name);
  administrator().execute("DROP DATABASE IF EXISTS " + quote_identifier(name) + " WITH (FORCE)");
}

bool ThrowAwayServer::save(const fs::path& target) {
  administrator_.reset();
  guardian_.stop_server();
  const std::optional<int> status = guardian_.wait_for_end(patience_for_stop);
  if (!status || *status != 0) return false;
  // A tablespace elsewhere would be shared with the copy.
  for (const fs::directory_entry& entry : fs::directory_iterator(data_.path() / "pg_tblspc")) {
    if (entry.is_symlink()) return false;
  }
  std::error_code error;
  fs::remove_all(target, error);
  keep_tree(data_.path(), target);
  return true;
}

}  // namespace plumbline
