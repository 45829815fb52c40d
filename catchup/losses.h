#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catchup/plan.h"
#include "catchup/rows.h"

namespace plumbline {

// Rows that a plan may lose because it says so; names are quoted and qualified.
struct Losses {
  std::set<std::string> tables;
  std::set<std::pair<std::string, std::string>> columns;  // table and column
};

Losses losses_of(const CatchUpPlan& plan);

using Contents = std::map<std::string, TableContent>;  // by table

// What became of the rows of each table without that being said, for people: one line a table.
std::vector<std::string> lost_rows(const Contents& before, const Contents& after, const Losses& losses);

}  // namespace plumbline
