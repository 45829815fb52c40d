#pragma once

#include <map>
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
  // "schema.table.column", quoted where needed -> the expression that its new values are made from when its
  // type changes.
  std::map<std::string, std::string> using_expressions{};
  bool part = false;  // find out what the plan touches and depends on, and which differences need others
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
  ObjectId about{};                 // the object that it makes, alters or drops; none: of no object
  std::vector<ObjectId> reasons{};  // the objects whose differences it is there for
  Effect effect{};
  // Whether the rows of the database meet the statement's conditions.
  enum class Rows { fit, in_the_way, unknown } rows = Rows::unknown;
  // The table, quoted and qualified, whose rows it would delete, when that has none; else empty.
  std::string empty_table{};
  bool has_foreign_parts = false;  // the table has partitions or children elsewhere, whose rows stay
};

// A difference that stays.
struct Refusal {
  std::string why;  // what stays, and what to do about it by hand
  ObjectId about;
  std::vector<ObjectId> reasons{};  // as those of a statement
};

// The difference of `object` can be repaired with, or after, that of `other` only.
struct Need {
  ObjectId object, other;
};

struct CatchUpPlan {
  std::vector<PlannedStatement> statements;
  std::vector<Refusal> refusals;
  std::vector<ObjectId> touched, dropped;  // what the statements are about, and which of it they drop
  // When PlanOptions::part is set: see part_of() and needs_between().
  IdSet part{};
  std::vector<Need> needs{};

  IdSet refused() const;  // what the refusals are about
};

// Puts statements before, or behind, all that the plan has.
void put_first(CatchUpPlan& plan, const std::vector<Statement>& statements);
void put_last(CatchUpPlan& plan, const std::vector<Statement>& statements);

// The statements that turn `actual` into `expected`, as far as the differences say. Both snapshots should
// have their dependencies. Throws Error for a cycle that cannot be cut; it names the members.
CatchUpPlan plan(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences,
                 const PlanOptions& options = {});

}  // namespace plumbline
