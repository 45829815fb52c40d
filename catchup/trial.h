#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catchup/losses.h"
#include "catchup/plan.h"
#include "catchup/proof_server.h"
#include "catchup/section.h"

namespace plumbline {

// Among tables that were tried without rows: no table has any.
inline constexpr std::string_view every_table = "every table";

// What came of trying a plan.
struct TrialResult {
  std::string problem;             // empty: it did what it should
  std::vector<ObjectId> blamed{};  // the objects whose repair it is about; none: not known
  bool is_about_rows = false;      // rows were in the way
};

// Tries plans for one schema on copies of it that hold a few rows.
class Trial {
 public:
  // `cluster`: the schema reaches outside its database, so that each copy needs a server of its own.
  Trial(ProofServer& server, const Snapshot& source, bool cluster)
      : server_(server), source_(source), cluster_(cluster) {}

  // Builds the schema and puts rows into it. Why it cannot be built, for people; none: it was.
  ProofServer::Built prepare();

  // The schema as the server reads it there.
  Snapshot rebuilt() { return server_.read("source"); }
  // Tables that have no rows in the database that is to be repaired have none here.
  void empty_tables(const std::set<std::string>& tables);

  // Runs the plan statement by statement on a copy, notes what each does, and holds the result against the
  // target. Rows of ours that are in the way of a statement are taken out where the plan's rows may be.
  TrialResult measure(CatchUpPlan& plan, const Snapshot& target);
  // Whether the server takes the condition's expression for immutable; after measure().
  bool is_immutable(const RowCondition& condition);
  // Runs a text on a copy as psql does, where there is one (find_psql), and on another as the runner does; on
  // each (`twice`) once more.
  TrialResult run_printed(const std::string& text, const CatchUpPlan& plan, const Snapshot& target,
                          bool twice);
  // What the plan makes of the schema, with who needs whom; after measure().
  Snapshot reached() { return server_.read("all", true); }
  // The way back from there, run by itself.
  TrialResult measure_back(CatchUpPlan& back, const CatchUpPlan& plan, const Snapshot& source);
  TrialResult run_back(const std::string& text, const CatchUpPlan& back, const CatchUpPlan& plan,
                       const Snapshot& source);

  // Tables of the plan that were tried without rows; notes for people.
  const std::set<std::string>& without_rows() const { return without_rows_; }
  const std::vector<std::string>& notes() const { return notes_; }
  // Names that the plan gives to tables and columns before anything else, for who looks after the rows.
  void set_new_names(std::function<std::string(const std::string&)> name_now) {
    name_now_ = std::move(name_now);
  }

 private:
  TrialResult held_against(const std::string& database, const CatchUpPlan& plan, const Snapshot& target);
  TrialResult arrived(const std::string& database, const CatchUpPlan& plan, const Snapshot& target,
                      const Contents& before);
  TrialResult run_text(const std::string& database,
                       const std::function<ProofServer::Run(const std::string&)>& run,
                       const CatchUpPlan& plan, const Snapshot& target, bool twice);
  TrialResult failed(const ProofServer::Run& run, const CatchUpPlan& plan) const;
  TrialResult came_back(const std::string& database, const CatchUpPlan& back, const CatchUpPlan& plan,
                        const Snapshot& source);
  bool take_rows_out(const ProofServer::Run& run, CatchUpPlan& plan);
  bool empty_table(const std::string& table);
  Contents under_new_names(const Contents& contents) const;
  void copy(const std::string& from, const std::string& database);
  void restore(const std::string& from, const std::string& database);

  ProofServer& server_;
  const Snapshot& source_;
  const bool cluster_;
  Contents before_;
  std::set<std::string> without_rows_, databases_;
  std::set<std::string> unforeseen_;  // statements that rows have turned out to be in the way of
  std::vector<std::string> notes_;
  std::function<std::string(const std::string&)> name_now_;
};

}  // namespace plumbline
