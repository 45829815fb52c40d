#include "catchup/losses.h"

#include "postgres/text.h"

namespace plumbline {

namespace {

// What became of one table's rows, for people; empty: they are what they were.
std::string harm_to(const std::string& table, const TableContent& before, const TableContent& after,
                    const Losses& losses) {
  if (after.rows != before.rows) {
    return std::string("table ")
        .append(table)
        .append(" has ")
        .append(after.rows)
        .append(" rows instead of ")
        .append(before.rows);
  }
  for (const auto& [column, sum] : before.columns) {
    const auto now = after.columns.find(column);
    if (now == after.columns.end() || now->second == sum) continue;
    if (losses.columns.contains({table, column.first})) continue;
    return std::string("the values of ")
        .append(table)
        .append(".")
        .append(column.first)
        .append(" are not what they were");
  }
  return {};
}

}  // namespace

Losses losses_of(const CatchUpPlan& plan) {
  Losses losses;
  for (const ObjectId& id : plan.dropped) {
    if (id.parent.empty()) losses.tables.insert(qualified(id));
    losses.columns.emplace(quote_qualified(id.schema.view(), id.parent.view()),
                           quote_identifier(id.name.view()));
  }
  return losses;
}

std::vector<std::string> lost_rows(const Contents& before, const Contents& after, const Losses& losses) {
  std::vector<std::string> problems;
  for (const auto& [table, content] : before) {
    const auto now = after.find(table);
    if (now == after.end() || losses.tables.contains(table)) continue;
    if (std::string harm = harm_to(table, content, now->second, losses); !harm.empty())
      problems.push_back(std::move(harm));
  }
  return problems;
}

}  // namespace plumbline
