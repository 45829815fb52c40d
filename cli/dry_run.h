#pragma once

#include "cli/runner_flags.h"
#include "cli/runner_json.h"
#include "cli/settings.h"
#include "runner/options.h"

namespace plumbline {

// What a plan would send, as SQL on stdout that a person can read and psql can run: each migration with its
// version, its file, its transactions, and what the ledger would record where. With --json the plan. The plan
// in short is said on stderr.
void write_dry_run(const Settings& settings, const RunnerFlags& flags, const RunText& text,
                   const MigrationPlan& plan);

}  // namespace plumbline
