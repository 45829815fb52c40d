#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "catchup/ids.h"
#include "diff/compare.h"
#include "snapshot/script.h"
#include "snapshot/snapshot.h"

namespace plumbline {

struct PlanOptions {
  std::string creator;      // who will run the statements and own what they create; empty: not known
  bool online = false;      // others work with the database: what takes long must not block them
  bool throw_away = false;  // for a copy on a server of our own, see Scene::throw_away
  bool part = false;        // find out what the plan touches and depends on
};

// What running a statement did, as seen on a throw-away server.
struct Effect {
  struct Lock {
    std::string relation, mode;  // "public.orders", "ACCESS EXCLUSIVE"
  };
  bool known = false;
  std::vector<Lock> locks;                      // the strongest on each relation that was there before
  std::vector<std::string> rewritten, scanned;  // relations
};

struct PlannedStatement : Statement {
  std::size_t step = 0;              // statements of one step belong together
  bool held_back = false;            // not to be run, for its own hazards or those of one that it needs
  std::vector<Hazard> permission{};  // the hazards that somebody has to allow first; none: those of another
  Effect effect{};
};

struct CatchUpPlan {
  std::vector<PlannedStatement> statements;
  std::vector<std::string>
      refusals;  // differences that stay, and what to do about them by hand; one line each

  std::vector<std::vector<std::size_t>> before;  // the steps that a step needs
  std::vector<std::pair<std::size_t, std::size_t>>
      made_again;  // the steps that drop something, and make it again

  IdSet refused;                           // what the refusals are about
  std::vector<ObjectId> touched, dropped;  // what the statements are about, and which of it they drop
  IdSet part;                              // see part_of(); when asked for
};

// Puts statements before, or behind, all that the plan has; each is a step of its own.
void put_first(CatchUpPlan& plan, const std::vector<Statement>& statements);
void put_last(CatchUpPlan& plan, const std::vector<Statement>& statements);

// The statements that turn `actual` into `expected`, as far as the differences say. Both snapshots should
// have their dependencies. Throws Error for a cycle that cannot be cut; it names the members.
CatchUpPlan plan(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences,
                 const PlanOptions& options = {});

}  // namespace plumbline
