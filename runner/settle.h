#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.h"

namespace plumbline {

// What became of a statement that was sent outside a transaction and whose answer nobody has seen.
enum class Fate { done, not_done, unknown };

struct Settlement {
  Fate outcome = Fate::unknown;
  std::vector<std::string> dropped;  // invalid indexes that it had left behind, and that are gone now
};

// To be noted before the statement is sent, and handed to settle() when it has to be asked: what was there
// before. Empty where nothing has to be known.
std::string mark_before(Connection& connection, std::string_view sql);

// Finds out from the catalogue, and clears away what the statement left half done. The session must have the
// search_path of the migration.
Settlement settle(Connection& connection, std::string_view sql, std::string_view mark);

// Indexes that no query uses because their build did not finish: "public.orders_by_day on public.orders".
std::vector<std::string> invalid_indexes(Connection& connection);

}  // namespace plumbline
