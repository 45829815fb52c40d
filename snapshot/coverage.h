#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.h"

namespace plumbline {

enum class Treatment {
  compared,  // part of an object's id or of an attribute
  derived,   // follows from what is compared
  changing,  // changes by itself while the server works
  ignored,   // no part of a schema
};

// How columns of one catalogue are treated.
struct Coverage {
  std::string_view catalog;
  Treatment treatment;
  std::string_view columns;  // names, separated by spaces
  std::string_view why;      // compared: the names of the kinds, separated by spaces; otherwise the reason
};

// Every column of every catalogue of every server version that we know, once.
std::span<const Coverage> all_coverage();

// What the connected server has and we do not compare, for people: columns and catalogues that all_coverage()
// does not know, and objects that are there but have no kind. Empty when all is compared.
std::vector<std::string> not_compared(Connection& connection);

}  // namespace plumbline
