#pragma once

#include <span>
#include <string_view>

namespace plumbline::testing {

// One change and what it changes: `attributes` (separated by spaces) of the object that describe() calls
// `object`. All cases of a list live in one database, each with names of its own.
struct KindCase {
  std::string_view object;
  std::string_view attributes;
  std::string_view setup, change;
  int since = 0;  // first server version that can do it
};

std::span<const KindCase> relation_cases();
std::span<const KindCase> routine_cases();
std::span<const KindCase> type_cases();
std::span<const KindCase> catalog_cases();
std::span<const KindCase> cluster_cases();

}  // namespace plumbline::testing
