// A migration of plumbline's own format can be undone, or says why it cannot.
#include "runner/plan.h"
#include "runner/rules/rules.h"

namespace plumbline::rules {
namespace {

void check(const RuleContext& context, std::vector<Problem>& problems) {
  if (context.directory.convention != "plumbline") return;
  for (const std::size_t place : context.places) {
    const Migration& migration = context.directory.migrations[place];
    if (migration.up.empty()) {
      problems.push_back(
          problem_at(context, place, "its up section holds no statement", "Write one, or delete the file."));
    }
    if (irreversible_reason(migration) || (migration.has_down && !migration.down.empty())) continue;
    if (!migration.has_sections && !migration.has_down) continue;  // the whole file is up
    problems.push_back(problem_at(
        context, place, migration.has_down ? "its down section holds no statement" : "it has no down section",
        "Write one, or say in the header why there is none: -- Irreversible: REASON"));
  }
}

}  // namespace

const Rule sections{
    .name = "sections", .summary = "there is an up and a down section", .check = check, .stops_up = false};

}  // namespace plumbline::rules
