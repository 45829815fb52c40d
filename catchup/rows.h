#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "postgres/connection.h"

namespace plumbline {

// Puts a few rows into every table of the database, and tells which tables took none: their checks want what
// we do not guess.
std::vector<std::string> put_rows(Connection& connection);

// What is in the tables: how many rows, and a checksum of each stored column.
struct TableContent {
  std::string rows;
  std::map<std::pair<std::string, std::string>, std::string> columns;  // by name and type
};
std::map<std::string, TableContent> read_rows(Connection& connection);

}  // namespace plumbline
