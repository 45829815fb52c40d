#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catchup/plan.h"

namespace plumbline {

// Sends a SELECT to the database that is to be repaired, in a read-only transaction with a time-out, and
// yields its first value; nothing when it could not be answered, or with NULL. Empty: it cannot be asked.
using AskLive = std::function<std::optional<std::string>(const std::string& sql)>;

// What is known of the rows of the database that is to be repaired; each question is asked once.
class LiveRows {
 public:
  // `is_source`: whether it is the database that is changed, as it is before; else only what its rows are
  // like counts, and not how many there are.
  explicit LiveRows(AskLive ask, bool is_source = true) : ask_(std::move(ask)), is_source_(is_source) {}

  // Tables that the script renames first, under the names that they have before.
  void set_names(std::function<std::string(const std::string&)> name_before) {
    name_before_ = std::move(name_before);
  }

  // Whether a table (quoted and qualified), its partitions and its children hold no row.
  bool is_empty(const std::string& table);
  // Whether rows of it, or below it, lie elsewhere, or that is not known: to read them asks another server.
  bool is_foreign(const std::string& table);
  // The tables, of it and all below, that hold the rows: what is partitioned or foreign holds none here.
  // Nothing: not known.
  std::optional<std::vector<std::string>> stored(const std::string& table);
  // Whether reading or writing all of it takes no time that anybody notices: up to 8 MB of storage.
  bool is_small(const std::string& table);
  enum class Fit { yes, no, unknown };
  // `may_ask`: whether the condition uses no code but the server's own.
  Fit fit(const RowCondition& condition, bool may_ask);

 private:
  std::optional<std::string> ask(const std::string& sql);
  std::string below(const std::string& table) const;
  // Bytes, of it and all below, as far as it is stored here; nothing: not known.
  std::optional<long long> size(const std::string& table);

  AskLive ask_;
  const bool is_source_;
  std::function<std::string(const std::string&)> name_before_;
  std::map<std::string, std::optional<std::string>> answers_;
};

}  // namespace plumbline
