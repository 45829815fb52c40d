#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "catchup/plan.h"

namespace plumbline {

struct SectionOptions {
  std::string lock_timeout{};  // as in SET; empty: whoever runs it says
  // Whether statements that belong together stand between BEGIN and COMMIT; without that whoever runs the
  // section does it in one transaction.
  bool transactions = false;
  // Also around one statement by itself: for files whose tool, too, puts a transaction around all of them.
  bool each_transaction = false;
  bool stops_psql = false;  // psql, which goes on after an error unless it is told, is told
  std::string guard{};      // a statement that raises where the database is not what the plan was made for
  // A line that says what a statement is there for, where it is not the one before; without "-- ".
  std::function<std::string(const PlannedStatement&)> heading = {};
};

// A plan as a script.
struct Section {
  std::string text;
  // What each SQL statement of the text is: a place in the plan's statements, or `control`.
  std::vector<std::size_t> statements;
  bool transactional = true;  // false: parts of it cannot be in one transaction with the others
  static constexpr std::size_t control = static_cast<std::size_t>(-1);
};

// Settings, then one statement after the other with its hazards and what it was seen to do in a comment
// before it.
Section write_section(const CatchUpPlan& plan, const SectionOptions& options = {});

// The statements as comments: for people, not to be run as they stand.
std::string as_comments(const std::vector<PlannedStatement>& statements);

}  // namespace plumbline
