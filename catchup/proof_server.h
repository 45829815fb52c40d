#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catchup/plan.h"
#include "catchup/section.h"
#include "diff/compare.h"
#include "expected/shadow.h"
#include "postgres/error.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// Throw-away databases on which plans are tried.
class ProofServer {
 public:
  // `cluster`: also what lives outside of databases.
  ProofServer(SymbolTable& symbols, const ShadowOptions& options, bool cluster = false);

  // Another server instead, with nothing on it.
  void restart();

  // What a new database has.
  const Snapshot& empty() const { return empty_; }
  // Who runs the statements here.
  std::string role() const { return shadow_->role(); }

  // What came of making a database of a schema.
  struct Built {
    std::vector<std::string> problems;  // why it is not that schema, for people; empty: it is
    std::vector<ObjectId> objects;      // that cannot be made here, as far as that is known
  };
  // Makes a database of that schema from its snapshot.
  Built build(const std::string& database, const Snapshot& schema);
  // Makes the schema here in whatever order works, and tells who needs whom in it: for one that was read from
  // a file, which does not say so.
  std::vector<Dependency> find_dependencies(const Snapshot& schema);
  // Another one like it.
  void copy(const std::string& from, const std::string& to);
  void drop(const std::string& database);
  // Open until the database is copied or dropped.
  Connection& connection(const std::string& database);
  Snapshot read(const std::string& database, bool dependencies = false);
  // What differs between what the database has and the schema that is wanted, but for what no plan reaches.
  std::vector<Difference> reachable_differences(const std::string& database, const Snapshot& want);
  // What differs between the schema that was read from it and the one that is wanted; what two spellings
  // mean, the server is asked.
  std::vector<Difference> differences(const std::string& database, const Snapshot& have,
                                      const Snapshot& want);
  // The same for people, as the function below; not what a plan has refused, which it says itself.
  std::vector<std::string> differing(const std::string& database, const Snapshot& want,
                                     const std::string& what, const IdSet& refused = {});

  // What came of running a section as the runner does.
  struct Run {
    std::string problem;                       // why it stopped, for people; empty: it did not
    std::string sqlstate;                      // of that
    std::size_t statement = Section::control;  // that was refused: its place in the plan's statements
  };
  // With a plan each statement is run by itself, so that what it does can be seen, and noted there. `restore`
  // makes the database what it was: roles that are missing show by a failure only.
  Run run(const std::string& database, const Section& section, const std::function<void()>& restore = {},
          CatchUpPlan* plan = nullptr);
  // Any text by psql (find_psql), from a file; `problem` is what it wrote to stderr.
  Run run_by_psql(const std::string& database, const std::string& text);

 private:
  Built make(const std::string& database, const std::vector<PlannedStatement>& statements,
             const Snapshot* with_members_of = nullptr);
  // What fresh extensions have there, and the schema's have not, leaves them.
  Built free_members(const std::string& database, const Snapshot& schema);
  bool works(const std::string& database, const std::string& sql);
  // What a statement named and the server lacks: whoever it is of, it is the cluster's.
  bool make_missing(const Error& error);
  bool make_role(const std::string& name);
  bool make_tablespace(const Error& error);
  // The statements that make a schema here, whatever they cost.
  CatchUpPlan plan_here(const Snapshot& have, const Snapshot& want) const;
  bool has_what_no_copy_has(const std::string& database);
  void end_subscriptions(const std::string& database);

  SymbolTable& symbols_;
  const ShadowOptions options_;
  const bool cluster_, own_server_;
  std::unique_ptr<Shadow> shadow_;
  std::string open_;  // the database of the connection
  std::unique_ptr<Connection> connection_;
  std::set<std::string> made_roles_, made_tablespaces_;
  Snapshot empty_;
};

// Whether no plan makes the value: the order of columns, secrets, which a snapshot does not hold, and what is
// not known.
bool is_out_of_reach(const Attribute& attribute, std::string_view want);

// The differences for people, one each; ends with "and n more".
std::vector<std::string> tell(const std::vector<Difference>& differences, const Snapshot& want,
                              const std::string& what);

// How two schemas differ in what a plan can reach, for people; ends with "and n more". Two spellings count as
// different.
std::vector<std::string> differing(const Snapshot& have, const Snapshot& want, const std::string& what);

}  // namespace plumbline
