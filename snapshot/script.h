#pragma once

#include <string>
#include <utility>
#include <vector>

namespace plumbline {

enum class Risk { none, blocks_writes, blocks_reads, rewrites_table, loses_data };

struct Statement {
  std::string sql;
  Risk risk = Risk::none;
  bool in_transaction = true;
};

// The SQL we write, in order.
class Script {
 public:
  void add(std::string sql, Risk risk = Risk::none, bool in_transaction = true) {
    statements_.push_back({std::move(sql), risk, in_transaction});
  }
  const std::vector<Statement>& statements() const { return statements_; }
  bool empty() const { return statements_.empty(); }

 private:
  std::vector<Statement> statements_;
};

}  // namespace plumbline
