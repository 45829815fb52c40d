#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace plumbline {

// Where the version stands in the name of a migration's file or folder: "0001" in "V0001__add_users.sql".
struct SpelledVersion {
  std::string prefix, version;
  char separator = '\0';  // behind it
};
SpelledVersion spelled_version(std::string_view file_name);

// Versions in the shape of one that is there: the time now when that is a time, else the number after it.
class VersionSeries {
 public:
  // `is_example`: `last` only shows the shape, and a number may itself be the first.
  VersionSeries(std::string last, bool is_example, std::time_t now);

  // Each is behind `last` and the ones before; empty when `last` is a time too far ahead to get behind it.
  std::string next();

 private:
  std::string last_;
  bool first_is_free_;
  std::time_t moment_;
  int tries_left_ = 200'000;  // seconds ahead, two days: some versions are whole days
};

}  // namespace plumbline
