#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "expected/expected.h"
#include "migrations/migration.h"

namespace plumbline {

// That an applied migration cannot stay as it is when an earlier one is taken back.
struct Dependent {
  std::size_t place = 0;  // in the directory
  std::size_t needs = 0;  // the earlier one
  std::string why;        // "view public.totals needs table public.orders"
};

// Finds those among the applied migrations (ascending places) from `first` on.
using FindDependents =
    std::function<std::vector<Dependent>(std::size_t first, const std::vector<std::size_t>& applied)>;

// What the headers declare ("-- Dependencies: [...]"), and what a migrate or contract needs by its phase.
std::vector<Dependent> declared_dependents(const MigrationDirectory& directory,
                                           const std::vector<std::size_t>& applied);

// What the catalogue of a throw-away server says, on which the applied migrations run one after the other: a
// migration depends on an earlier one when it changes the same, adds a part to what that one made, or makes
// what needs it (pg_depend), or writes rows into a table which that one made. What PostgreSQL does not
// record, it cannot say: names in the body of a function that is a string, rows of one that need rows of the
// other. Throws Error when the migrations do not run there.
std::vector<Dependent> catalogue_dependents(const MigrationDirectory& directory,
                                            const ExpectedOptions& options, std::size_t first,
                                            const std::vector<std::size_t>& applied);

}  // namespace plumbline
