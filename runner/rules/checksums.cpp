// What was applied is what the file says.
#include <algorithm>

#include "runner/repair.h"
#include "runner/rules/rules.h"

namespace plumbline::rules {
namespace {

void check(const RuleContext& context, std::vector<Problem>& problems) {
  if (!context.entries) return;
  for (const std::size_t place : edited_files(context.directory, *context.entries)) {
    if (std::ranges::find(context.places, place) == context.places.end()) continue;
    problems.push_back(problem_at(context, place, "it was edited after it was applied",
                                  "Restore the file and put the change into a new migration."));
  }
}

}  // namespace

const Rule checksums{
    .name = "checksums", .summary = "applied files are as they were", .check = check, .stops_up = false};

}  // namespace plumbline::rules
