#include <algorithm>
#include <ostream>

#include "cli/accounts.h"
#include "cli/commands.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/runner_json.h"
#include "cli/runner_setup.h"
#include "cli/status.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "report/escape.h"

namespace plumbline {
namespace {

void line(std::ostream& out, std::string_view label, const std::string& text) {
  std::string padded(label);
  padded.resize(16, ' ');
  out << padded << visible_line(text) << '\n';
}

std::string where(const MigrationState& state) {
  if (state.running > 0)
    return ", statement " + std::to_string(state.running) + " of " + std::to_string(state.statements);
  if (state.done > 0)
    return ", " + std::to_string(state.done) + " of " + std::to_string(state.statements) + " statements done";
  return {};
}

void write_troubles(const StatusReport& status, std::ostream& out) {
  for (const MigrationState& each : status.migrations) {
    if (is_unfinished(each)) {
      line(out, each.state,
           each.version + " " + each.file + where(each) + (each.error.empty() ? "" : ": " + each.error));
    }
    if (each.waiting) line(out, "waiting", each.version + " " + each.file + ": " + each.waiting->why);
    if (each.edited) line(out, "edited", each.version + " " + each.file + ", after it was applied");
  }
  for (const std::string& version : status.unknown) line(out, "without file", version);
  for (const std::string& index : status.invalid_indexes) line(out, "invalid index", index);
}

void write_open_run(const StatusReport& status, std::ostream& out) {
  if (!status.open_run) return;
  const bool goes_on = status.lease && status.lease->alive;
  const bool resumes = std::ranges::any_of(status.migrations, is_unfinished);
  const std::string next = std::string("plumbline up --all-or-nothing") + (resumes ? " --resume" : "");
  line(out, "open run",
       "all or nothing, of " + status.open_run->started +
           (goes_on ? ", goes on" : ", did not end; go on with \"" + next + "\"") +
           (status.its_applied.empty() ? "" : "; applied so far: " + join(status.its_applied, ", ")));
}

void write_strays(const MigrationDirectory& directory, std::ostream& out) {
  for (const OtherFile& file : files_to_show(directory)) {
    std::string role(file.role == OtherFile::Role::harmless ? "left out" : to_string(file.role));
    line(out, role, file.path + (file.why.empty() ? "" : ", " + file.why));
  }
}

void write_text(const StatusReport& status, std::ostream& out) {
  line(out, "database", status.database);
  if (!status.environment.empty()) line(out, "environment", status.environment);
  line(out, "ledger", status.ledger.empty() ? "none yet" : status.ledger + " (" + status.tool + ")");
  std::string last;
  for (const MigrationState& each : status.migrations) {
    if (each.state == "applied")
      last = each.version + (each.applied_at.empty() ? "" : ", " + each.applied_at);
  }
  line(out, "applied", std::to_string(status.count("applied")) + (last.empty() ? "" : ", last " + last));
  const std::size_t pending = status.migrations.size() - status.count("applied");
  line(out, "pending", std::to_string(pending));
  if (!status.schema_version.empty()) line(out, "schema version", status.schema_version);
  if (status.drift_since_run) {
    line(out, "drift",
         *status.drift_since_run == 0
             ? "none since the last run (" + status.last_snapshot_at + ")"
             : std::to_string(*status.drift_since_run) + " changes since the last run (" +
                   status.last_snapshot_at + "); \"plumbline check\" tells them");
  }
  if (status.lease) {
    line(out, "lock",
         status.lease->holder + " since " + status.lease->since +
             (status.lease->doing.empty() ? "" : ", at " + status.lease->doing) +
             (status.lease->alive ? "" : "; that session is gone"));
  }
  write_open_run(status, out);
  write_troubles(status, out);
}

void write_list(const StatusReport& status, bool pending_only, std::ostream& out) {
  for (const MigrationState& each : status.migrations) {
    if (pending_only && each.state == "applied") continue;
    std::string state = each.state;
    state.resize(12, ' ');
    out << state << visible_line(each.version + "  " + each.file);
    if (!each.applied_at.empty() && each.state == "applied")
      out << "  " << visible_line(each.applied_at + " by " + each.applied_by) << ", "
          << duration_text(each.duration_ms);
    if (each.edited) out << "  edited since";
    if (each.waiting) out << "  waits: " << visible_line(each.waiting->why);
    out << where(each) << '\n';
  }
}

// Without live the files are all that is known; --pending asks for more than that.
StatusReport status_or_files(const MigrationDirectory& directory, const Settings& settings, bool needed) {
  try {
    connector(settings)();
  } catch (const Error& error) {
    if (needed) throw;
    log::warning("the states are not known, since live cannot be asked: " + error.message());
    return status_without_live(directory);
  }
  return read_status(directory, settings);
}

constexpr int exit_unfinished = 3;  // 1 would say that nothing is known

}  // namespace

int run_status(const Settings& settings, const RunnerFlags& flags) {
  const MigrationDirectory directory = load_directory(settings, Strays::pass);
  const StatusReport status = read_status(directory, settings);
  write_output(settings, [&](const Output&, std::ostream& out) {
    if (flags.json) return write_json(status, out);
    write_text(status, out);
    write_strays(directory, out);
  });
  const bool pending = flags.exit_code && status.count("applied") < status.migrations.size();
  return pending || status.is_broken() ? exit_unfinished : 0;
}

int run_list(const Settings& settings, const RunnerFlags& flags) {
  const MigrationDirectory directory = load_directory(settings, Strays::pass);
  StatusReport status = status_or_files(directory, settings, flags.pending);
  if (flags.json && flags.pending)
    std::erase_if(status.migrations, [](const MigrationState& each) { return each.state == "applied"; });
  write_output(settings, [&](const Output&, std::ostream& out) {
    if (flags.json) return write_json(status, out);
    write_list(status, flags.pending, out);
    write_strays(directory, out);
  });
  return 0;
}

}  // namespace plumbline
