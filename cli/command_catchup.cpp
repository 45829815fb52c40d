#include <algorithm>
#include <set>

#include "catchup/catch_up.h"
#include "catchup/patched.h"
#include "cli/applied.h"
#include "cli/catch_up_text.h"
#include "cli/commands.h"
#include "cli/comparison.h"
#include "cli/live_fingerprint.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/sides.h"
#include "cli/suggest.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

void check_what_is_asked(const CatchUpSettings& asked) {
  if (asked.revert == asked.adopt) {
    throw UsageError(asked.revert ? "--revert and --adopt exclude each other"
                                  : "catchup needs to know which way: --revert or --adopt",
                     "--revert changes live, --adopt writes a migration that describes what is live.");
  }
  if (asked.write && !asked.adopt) {
    throw UsageError("--write goes with --adopt",
                     "What reverts drift on one database is no migration for the others: write it to a file "
                     "with --output and run it there.");
  }
  if (asked.write && !asked.section.empty())
    throw UsageError("--write and --section exclude each other", "A migration has both sections.");
  if (!asked.section.empty() && asked.section != "up" && asked.section != "down")
    throw UsageError("there is no section \"" + asked.section + "\"", "Say --section up or --section down.");
}

std::set<Hazard> allowed_hazards(const CatchUpSettings& asked) {
  std::set<Hazard> allowed;
  for (const std::string& name : asked.allowed_hazards) {
    const auto hazard = hazard_from(name);
    if (!hazard) {
      const std::string near = did_you_mean(name, hazard_names());
      throw UsageError(
          "there is no hazard \"" + name + "\"",
          near.empty() ? "Use names of: " + join(hazard_names(), ", ") + "." : "Did you mean " + near + "?");
    }
    allowed.insert(*hazard);
  }
  if (!asked.offline) return allowed;
  for (const std::string& name : hazard_names()) allowed.insert(*hazard_from(name));
  if (std::ranges::find(asked.allowed_hazards, to_string(Hazard::deletes_data)) ==
      asked.allowed_hazards.end())
    allowed.erase(Hazard::deletes_data);
  return allowed;
}

std::vector<RenameWish> renames(const CatchUpSettings& asked) {
  std::vector<RenameWish> wishes;
  for (const std::string& text : asked.renames) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == text.npos || equals + 1 == text.size())
      throw UsageError("\"" + text + "\" is no rename",
                       "Write it as OLD=NEW, like --rename public.users.mail=public.users.email.");
    wishes.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return wishes;
}

// Live, the migrations, and what differs.
struct Drift {
  MigrationDirectory directory;
  Applied applied;
  Snapshot actual;
  std::string role, fingerprint;
  std::vector<ActivePreset> presets;
  std::unique_ptr<Expected> expected;
  Report report;
  std::vector<Difference> differences;
};

void read_live(Drift& drift, SymbolTable& symbols, const Settings& settings) {
  LiveSide live(settings.url);
  drift.applied = applied_state(live.connection(), drift.directory, settings);
  drift.role = migrating_role(live.connection(), drift.applied, settings);
  drift.actual = live.capture(symbols, false, true);
  drift.presets = active_presets(settings.presets, &live.connection());
  drift.fingerprint = live_fingerprint(drift.actual, drift.applied, settings);
  drift.report.actual = live.description();
}

void compare(Drift& drift, SymbolTable& symbols, const Settings& settings) {
  drift.differences = compare_into(drift.report,
                                   {.actual = drift.actual,
                                    .expected = drift.expected->snapshot(),
                                    .symbols = symbols,
                                    .attribution = &drift.expected->attribution(),
                                    .expected_server = [&] { return &drift.expected->connection(); },
                                    .spellings = drift.expected->spellings(),
                                    .ledger_tool = drift.applied.tool,
                                    .ledger_objects = drift.applied.objects,
                                    .presets = drift.presets},
                                   settings)
                          .differences;
}

Drift find_drift(SymbolTable& symbols, const Settings& settings) {
  Drift drift;
  drift.directory = migrations_of(settings);
  read_live(drift, symbols, settings);
  ExpectedOptions options = expected_options(settings, drift.actual.server_version, drift.role);
  options.dependencies = true;
  log::ProgressLine progress;
  options.replay.progress = progress.callback();
  drift.expected = std::make_unique<Expected>(drift.directory, drift.applied.applied, symbols, options);
  compare(drift, symbols, settings);
  return drift;
}

CatchUpOptions options_for(const Drift& drift, const Settings& settings) {
  const CatchUpSettings& asked = settings.catch_up;
  CatchUpOptions options;
  options.online = !asked.offline;
  options.allowed = allowed_hazards(asked);
  options.renames = renames(asked);
  options.unproven = settings.unproven;
  options.section = {asked.lock_timeout, true};
  options.shadow = expected_options(settings, drift.actual.server_version, drift.role).shadow;
  // On a server of the user's nobody knows under whose name: owners are written out.
  if (settings.shadow_url.empty()) options.creator = drift.role;
  return options;
}

void refuse_unproven(const CatchUp& found, const Settings& settings) {
  if (found.problems.empty()) return;
  const std::string text = "the SQL is not proven: " + join(found.problems, "; ");
  if (!settings.unproven) {
    throw Error(text,
                "Nothing was printed. Say --unproven to see it all the same, and read it before you "
                "run it.");
  }
}

int tell_what_stays(const CatchUp& found) {
  for (const std::string& note : found.notes) log::info(note);
  for (const std::string& refusal : found.up.refusals) log::warning("not repaired: " + refusal);
  if (found.held_back) {
    log::warning(
        "some statements are held back for what they do: they are printed as comments, which say "
        "what --allow-hazards has to name");
  }
  return found.held_back || !found.up.refusals.empty() ? 2 : 0;
}

}  // namespace

int run_catch_up(const Settings& settings) {
  const CatchUpSettings& asked = settings.catch_up;
  check_what_is_asked(asked);
  if (settings.cluster)
    throw UsageError("catchup does not look outside the database",
                     "Use \"plumbline diff --cluster --sql\" for that.");
  allowed_hazards(asked);
  renames(asked);
  SymbolTable symbols;
  const Drift drift = find_drift(symbols, settings);
  for (const std::string& warning : drift.report.warnings) log::warning(warning);
  const Snapshot& expected = drift.expected->snapshot();
  const Goal goal = asked.revert ? Goal{drift.actual, expected, drift.differences, symbols}
                                 : Goal{expected, drift.actual, turned_round(drift.differences), symbols};
  if (goal.differences.empty()) {
    log::info("live is what the migrations describe: there is nothing to do");
    return 0;
  }
  const CatchUp found = catch_up(goal, options_for(drift, settings));
  refuse_unproven(found, settings);
  const CatchUpText text{found, drift.report, drift.fingerprint, settings};
  if (asked.write) {
    if (found.held_back) {
      throw Error("the migration would leave out what is held back for its hazards",
                  "Look at it without --write, and name them with --allow-hazards.");
    }
    log::info("wrote " + write_migration(text, drift.directory));
  } else {
    write_output(settings, [&](const Output&, std::ostream& out) { write_sections(text, out); });
  }
  return tell_what_stays(found);
}

}  // namespace plumbline
