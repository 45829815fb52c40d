#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plumbline {

// What a statement may cost; the names are those that other tools use too.
enum class Hazard {
  deletes_data,
  fails_on_rows,
  rewrites_table,
  blocks_reads_and_writes,
  blocks_writes,
  blocks_writes_and_its_like,
  scans_table,
  index_build,
  index_dropped,
  authorisation,
  correctness,
  extension_version,
  untracked_dependencies,
};

std::string_view to_string(Hazard hazard);  // "DELETES_DATA"

// The hazard that is called so; nothing: none is.
std::optional<Hazard> hazard_from(std::string_view name);
std::vector<std::string> hazard_names();

// How a statement goes with its neighbours.
enum class Transaction {
  shared,  // in one transaction with them
  own,     // takes long and blocks nobody; their locks must not be held while it runs
  none,    // refused inside a transaction, or others see it only after its commit
};

// What a statement wants of the rows that are there: the server refuses it, or values change, otherwise.
struct RowCondition {
  std::string table;      // quoted and qualified; empty: the rows are spread over more than one
  std::string offending;  // a SELECT of one boolean: whether there are rows against it; empty: any row is
  // What that SELECT computes of the rows: nothing, what the types of the columns compute (comparisons,
  // conversions), or `expression`, over the columns of the table.
  enum class Computes { nothing, types, expression } computes = Computes::types;
  std::string expression{};
};

struct Statement {
  std::string sql;  // without the final semicolon
  std::vector<Hazard> hazards{};
  Transaction transaction = Transaction::shared;
  std::vector<RowCondition> conditions{};
};

// The SQL we write, in order, and what we cannot write.
class Script {
 public:
  void add(std::string sql, std::initializer_list<Hazard> hazards = {}) {
    statements_.push_back({std::move(sql), hazards, Transaction::shared, {}});
  }
  void add_alone(std::string sql, std::initializer_list<Hazard> hazards = {}) {
    statements_.push_back({std::move(sql), hazards, Transaction::own, {}});
  }
  void add_outside(std::string sql, std::initializer_list<Hazard> hazards = {}) {
    statements_.push_back({std::move(sql), hazards, Transaction::none, {}});
  }
  void add(const Statement& statement) { statements_.push_back(statement); }
  // What the statement added last wants of the rows.
  void wants_of_rows(RowCondition condition) {
    statements_.back().conditions.push_back(std::move(condition));
  }
  // A difference that no statement of ours repairs: what it is, and what to do by hand. One line.
  void cannot(std::string why) { refusals_.push_back(std::move(why)); }

  // A difference that stays with one that is refused.
  void cannot_either() { stays_ = true; }

  bool refuses() const { return stays_ || !refusals_.empty(); }
  const std::vector<Statement>& statements() const { return statements_; }
  const std::vector<std::string>& refusals() const { return refusals_; }
  bool empty() const { return statements_.empty(); }

 private:
  std::vector<Statement> statements_;
  std::vector<std::string> refusals_;
  bool stays_ = false;
};

}  // namespace plumbline
