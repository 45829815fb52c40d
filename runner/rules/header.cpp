// The words of plumbline's own header are those that mean something.
#include <algorithm>

#include "migrations/header.h"
#include "postgres/text.h"
#include "runner/phases.h"
#include "runner/rules/rules.h"

namespace plumbline::rules {
namespace {

void check_word(const RuleContext& context, std::size_t place, std::vector<Problem>& problems) {
  const Migration& migration = context.directory.migrations[place];
  if (!phase_rank(migration.phase)) {
    problems.push_back(problem_at(context, place, "the phase \"" + migration.phase + "\" is unknown",
                                  "Use expand, migrate or contract."));
  }
  const std::string retries = header_value(migration.up_bytes, "retries");
  if (!std::ranges::all_of(retries, [](char c) { return c >= '0' && c <= '9'; })) {
    problems.push_back(
        problem_at(context, place, "\"Retries: " + retries + "\" is no number", "Write -- Retries: 5"));
  }
}

void check_wait(const RuleContext& context, std::size_t place, std::vector<Problem>& problems) {
  const Migration& migration = context.directory.migrations[place];
  const WaitHeader wait = wait_header(migration);
  if (wait.text.empty()) return;
  if (!wait.length) {
    problems.push_back(problem_at(context, place, "\"Wait: " + wait.text + "\" is no length of time",
                                  "Write for example -- Wait: 14d; the units are s, min, h, d and w."));
  } else if (needed_before(context.directory, place).empty()) {
    problems.push_back(problem_at(context, place,
                                  "it has \"Wait: " + wait.text + "\", but nothing to wait for",
                                  "Only a migrate or contract behind an expand waits: correct its phase."));
  }
}

// Such a line means nothing behind the end of the header, though whoever wrote it believes that it does.
void check_below(const RuleContext& context, std::size_t place, std::vector<Problem>& problems) {
  const std::string& bytes = context.directory.migrations[place].up_bytes;
  for (const std::string& raw : split(bytes, '\n')) {
    const std::string_view line = trim(raw);
    if (!line.starts_with("--")) continue;
    const std::string value = header_value(std::string(line) + "\n", "wait");
    const std::string phase = header_value(std::string(line) + "\n", "phase");
    const bool is_lost = (!value.empty() && header_value(bytes, "wait").empty()) ||
                         (!phase.empty() && phase_rank(phase) && header_value(bytes, "phase").empty());
    if (!is_lost) continue;
    problems.push_back(problem_at(context, place, "\"" + std::string(line) + "\" stands below the header",
                                  "Move the line to the top of the file, above the first section."));
  }
}

void check(const RuleContext& context, std::vector<Problem>& problems) {
  for (const std::size_t place : context.places) {
    check_word(context, place, problems);
    check_wait(context, place, problems);
    if (context.directory.convention == "plumbline") check_below(context, place, problems);
  }
}

}  // namespace

const Rule header{.name = "header", .summary = "the header says what plumbline understands", .check = check};

}  // namespace plumbline::rules
