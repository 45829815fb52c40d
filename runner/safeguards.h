#pragma once

#include <string>
#include <vector>

#include "expected/process.h"
#include "postgres/connection.h"
#include "runner/ledger_rows.h"
#include "runner/options.h"

namespace plumbline {

// "20250121_093000", UTC
std::string moment_now();

// A program that connects where we connect; what is secret goes by its environment, not by its arguments.
Outcome run_beside(std::vector<std::string> words, const OutsideConninfo& outside,
                   const std::string& database);

std::string last_line(const std::string& output);

// A copy of the database before it is migrated: pg_dump in custom format into the directory of the options,
// or the user's own command. Returns what it made, for people; empty when none is wanted. Throws Error when
// it fails.
std::string make_backup(Connection& connection, const std::string& conninfo, const RunnerOptions& options);

// Asks whether the database is well: each SQL must return true, the command must exit with 0. Returns what is
// wrong; empty: nothing.
std::string health_problem(Connection& connection, const std::string& conninfo, const RunnerOptions& options);

// Throws Error unless another role has approved this plan in the ledger.
void require_approval(Connection& connection, const LedgerWriter& ledger, const std::string& hash);

}  // namespace plumbline
