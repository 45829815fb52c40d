#pragma once

#include <string>
#include <vector>

#include "runner/plan.h"

// What the plans of both directions have in common.
namespace plumbline {

// "20250121_093000 (20250121_093000_users.sql)"
std::string named(const Migration& migration, const std::string& version);

// The first five of them, and how many more there are.
std::string first_few(const std::vector<std::string>& items);

// A migration stopped half-way, and `command` does not go on with it. Throws Error.
[[noreturn]] void refuse_partial(const LedgerEntry& entry, const std::string& command);

// Throws Error when the statements of a step that are done were edited since.
void check_prefix(const MigrationDirectory& directory, const Step& step, const LedgerEntry& entry);

// How a failed run is rolled back: by the end of its one transaction, or by the down sections. Throws Error
// when neither can be.
void choose_way_back(const MigrationDirectory& directory, const PlanRequest& request, MigrationPlan& plan);

}  // namespace plumbline
