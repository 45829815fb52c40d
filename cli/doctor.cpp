#include "cli/doctor.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "cli/accounts.h"
#include "cli/applied.h"
#include "cli/environment.h"
#include "diff/preset.h"
#include "expected/sandbox.h"
#include "expected/shadow.h"
#include "migrations/directory.h"
#include "migrations/ledger.h"
#include "postgres/connection.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "report/wording.h"
#include "runner/ledger_environment.h"
#include "runner/pooler.h"
#include "snapshot/capture.h"

namespace plumbline {
namespace {

std::string path_or_none(const std::string& path) { return path.empty() ? "none" : path; }

class Doctor {
 public:
  explicit Doctor(const Settings& settings) : settings_(settings) {}

  std::vector<Observation> examine() {
    say(Observation::State::ok, "plumbline", PLUMBLINE_VERSION);
    look_at_configuration();
    look_at_environment();
    look_at_cache();
    attempt("migrations", [&] { look_at_migrations(); });
    attempt("server programs", [&] { look_at_servers(); });
    attempt("live database", [&] { look_at_live(); });
    if (live_) attempt("presets", [&] { look_at_presets(); });
    if (live_) attempt("throw-away server", [&] { look_at_shadow(); });
    if (live_ && directory_) attempt("ledger", [&] { look_at_ledger(); });
    return std::move(observations_);
  }

 private:
  void say(Observation::State state, const std::string& subject, const std::string& text,
           const std::string& hint = {}) {
    observations_.push_back({state, subject, text, hint});
  }

  template <typename Look>
  void attempt(const std::string& subject, const Look& look) {
    try {
      look();
    } catch (const Error& error) {
      say(Observation::State::problem, subject, error.message(), error.hint());
    } catch (const std::exception& error) {
      say(Observation::State::problem, subject, error.what());
    }
  }

  void look_at_configuration() {
    const std::string environment =
        settings_.environment.empty() ? "" : ", environment " + settings_.environment;
    if (settings_.config_file.empty()) {
      say(Observation::State::note, "settings file", "no plumbline.toml here or above",
          "It saves flags: see docs/configuration.md.");
    } else {
      say(Observation::State::ok, "settings file", settings_.config_file + environment);
    }
    for (const std::string& warning : settings_.warnings) say(Observation::State::note, "settings", warning);
    for (const std::string& note : settings_.notes) say(Observation::State::note, "settings", note);
  }

  // Names alone: values may be secret.
  void look_at_environment() {
    std::vector<std::string> names;
    for (const KnownVariable& variable : known_variables()) {
      if (environment_variable(std::string(variable.name))) names.emplace_back(variable.name);
    }
    for (char** variable = environ; *variable; ++variable) {
      const std::string_view text = *variable;
      if (text.starts_with("PG")) names.emplace_back(text.substr(0, text.find('=')));
    }
    say(names.empty() ? Observation::State::note : Observation::State::ok, "environment",
        names.empty() ? "no DATABASE_URL, PG* or PLUMBLINE_* variable is set" : join(names, ", ") + " set");
  }

  void look_at_cache() {
    const std::string& folder = settings_.cache_directory;
    if (folder.empty()) return say(Observation::State::note, "cache", "none: every run starts from nothing");
    std::error_code failed;
    std::filesystem::path existing = folder;
    while (!existing.empty() && !std::filesystem::exists(existing, failed)) {
      if (existing == existing.parent_path()) break;
      existing = existing.parent_path();
    }
    const bool writable = access(existing.empty() ? "." : existing.c_str(), W_OK) == 0;
    say(writable ? Observation::State::ok : Observation::State::note, "cache",
        folder + (writable ? "" : " cannot be written"),
        writable ? "" : "Name another folder with --cache-dir; without one runs are slower.");
  }

  void look_at_migrations() {
    const bool named = !settings_.migrations.path.empty();
    directory_ = migrations_of(settings_);
    say(Observation::State::ok, "migrations",
        std::to_string(directory_->migrations.size()) + " in " + directory_->path + ", convention " +
            directory_->convention + (named ? "" : "; found because no setting names a directory"));
    for (const std::string& warning : directory_->warnings)
      say(Observation::State::note, "migrations", warning);
    if (const Unaccounted problem = unaccounted(*directory_); !problem.message.empty())
      say(Observation::State::problem, "migrations", problem.message, problem.hint);
    if (settings_.prelude.empty()) return;
    const bool readable = access(settings_.prelude.c_str(), R_OK) == 0;
    say(readable ? Observation::State::ok : Observation::State::problem, "prelude",
        settings_.prelude + (readable ? "" : " cannot be read"), readable ? "" : "Check the path.");
  }

  void look_at_servers() {
    const std::vector<ServerBinaries> all = find_server_binaries();
    for (const ServerBinaries& binaries : all) {
      say(Observation::State::ok, "server programs",
          binaries.full_version + " in " + binaries.directory.string());
    }
    if (!settings_.shadow_url.empty()) return;
    if (all.empty()) choose_server_binaries(0);  // says what to install
  }

  void look_at_live() {
    live_ = connect({.conninfo = settings_.url});
    look_at_pooler();
    transaction_ = std::make_unique<ReadTransaction>(*live_);
    say(Observation::State::ok, "live database",
        live_->description() + ", PostgreSQL " +
            live_->value("SELECT current_setting('server_version')").value_or("?"));
    const bool superuser =
        live_->value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").value_or("f") == "t";
    say(Observation::State::ok, "role",
        live_->user() + (superuser ? ", a superuser; reading the catalogue is all that check needs"
                                   : ", no superuser; what it may not read is listed in every report"));
  }

  // Reading is done in one transaction, which all poolers but those by statement keep together.
  void look_at_pooler() {
    const auto again = [this] { return connect({.conninfo = settings_.url}); };
    const Pooling pooling = pooling_of(*live_, again);
    if (pooling == Pooling::none) return;
    if (pooling == Pooling::session)
      return say(Observation::State::ok, "pooler",
                 "one stands before the server, and keeps sessions together");
    const bool by_transaction = pooling == Pooling::transaction;
    const std::string unit = by_transaction ? "transaction" : "statement";
    say(by_transaction ? Observation::State::note : Observation::State::problem, "pooler",
        "one stands before the server and gives a server process for one " + unit + " only: " +
            (by_transaction ? "check works through it, up and all else that writes is refused"
                            : "nothing works through it"),
        "Connect to the server itself, or to a pool with pool_mode = session.");
    if (!by_transaction) live_ = again();
  }

  void look_at_presets() {
    std::vector<std::string> labels;
    for (const ActivePreset& active : active_presets(settings_.presets, live_.get())) {
      labels.push_back(std::string(active.preset->name) + " (" + std::string(active.preset->label) + ")");
    }
    say(Observation::State::ok, "presets",
        labels.empty() ? "none: whatever a service or another tool made is told"
                       : "what these made is hidden, and counted: " + join(labels, ", "));
  }

  void look_at_shadow() {
    if (!settings_.shadow_url.empty()) return look_at_given_server();
    look_at_sandbox();
    const ServerBinaries binaries = choose_server_binaries(live_->version());
    const std::string major = std::to_string(live_->version());
    if (binaries.version == live_->version()) {
      return say(Observation::State::ok, "throw-away server",
                 "PostgreSQL " + binaries.full_version + ", as live");
    }
    say(Observation::State::note, "throw-away server",
        "PostgreSQL " + binaries.full_version + ", but live is " + major + ": answers may be less exact",
        "Install the package postgresql-" + major + " here, or name its folder in PLUMBLINE_PG_BIN.");
  }

  void look_at_sandbox() {
    const std::string shared = shared_with_sandbox(possible_isolation());
    if (shared.empty()) {
      return say(Observation::State::ok, "sandbox",
                 "throw-away servers have a network, processes and files of their own");
    }
    say(Observation::State::note, "sandbox", shared,
        "Run plumbline where the kernel allows namespaces: as root with CAP_SYS_ADMIN, or as a user who may "
        "make user namespaces (sysctl user.max_user_namespaces, "
        "kernel.apparmor_restrict_unprivileged_userns).");
  }

  void look_at_given_server() {
    const auto given = connect({.conninfo = settings_.shadow_url});
    const bool may_create =
        given->value("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            .value_or("f") == "t";
    say(may_create ? Observation::State::ok : Observation::State::problem, "shadow server",
        given->description() + " as " + given->user() + (may_create ? "" : ", who may not create databases"),
        may_create ? "" : "Give the role CREATEDB, or leave --shadow-url out.");
  }

  void look_at_environment_of_ledger() {
    const std::string remembered = ledger_environment(*live_, settings_.runner.ledger_schema);
    if (remembered.empty()) return;
    const bool other = !settings_.environment.empty() && settings_.environment != remembered;
    say(other ? Observation::State::problem : Observation::State::ok, "ledger",
        "it belongs to the environment " + remembered,
        other ? "Correct the url of [env." + settings_.environment + "] in plumbline.toml." : "");
  }

  void look_at_ledger() {
    look_at_environment_of_ledger();
    const BriefLocks locks(*live_);
    const Applied applied = read_ledger(*live_, *directory_, settings_.migrations);
    const bool needed = settings_.at == "applied";
    if (applied.tool.empty()) {
      return say(needed ? Observation::State::problem : Observation::State::note, "ledger",
                 "the live database has none of " + directory_->convention,
                 "Say --at head to compare with all migrations, or name the table as ledger_table under "
                 "[migrations].");
    }
    say(Observation::State::ok, "ledger",
        applied.tool + " in " + path_or_none(applied.table) + ": " + std::to_string(applied.applied.size()) +
            " applied, " + std::to_string(applied.pending.size()) + " pending");
    if (!applied.unknown.empty()) {
      say(needed ? Observation::State::problem : Observation::State::note, "ledger",
          "it names versions that no file has: " + few_of(applied.unknown),
          "Check out the revision that was deployed, or list them as missing_versions under [migrations].");
    }
    if (!applied.failed.empty())
      say(Observation::State::note, "ledger", "failed or half done: " + few_of(applied.failed));
  }

  const Settings& settings_;
  std::vector<Observation> observations_;
  std::optional<MigrationDirectory> directory_;
  std::unique_ptr<Connection> live_;
  std::unique_ptr<ReadTransaction> transaction_;
};

}  // namespace

std::string_view to_string(Observation::State state) {
  return state == Observation::State::ok ? "ok" : state == Observation::State::note ? "note" : "problem";
}

std::vector<Observation> examine(const Settings& settings) { return Doctor(settings).examine(); }

bool check_could_run(const std::vector<Observation>& observations) {
  return std::none_of(observations.begin(), observations.end(),
                      [](const Observation& each) { return each.state == Observation::State::problem; });
}

}  // namespace plumbline
