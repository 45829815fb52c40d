#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "expected/dump.h"
#include "tests/server/server.h"

namespace plumbline::testing {

// The folder of real schemas and histories beside the source, or the one that PLUMBLINE_SHARED names.
inline std::filesystem::path real_folder() {
  const char* named = std::getenv("PLUMBLINE_SHARED");
  return (named ? std::filesystem::path(named) : std::filesystem::path(PLUMBLINE_SOURCE) / "../shared") /
         "real";
}

inline bool has_real_folder() {
  if (std::filesystem::is_directory(real_folder())) return true;
  WARN("skipped: there is no folder " << real_folder().string() << "; PLUMBLINE_SHARED names another");
  return false;
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// What of these SQL files the server takes; returns the statements that it refuses.
inline std::vector<std::string> load_files(TestServer& server, const TestDatabase& database,
                                           const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> refused;
  for (const std::filesystem::path& file : files) {
    const std::vector<std::string> more = restore_schema(server.shadow(), database.name(), bytes_of(file));
    refused.insert(refused.end(), more.begin(), more.end());
  }
  return refused;
}

}  // namespace plumbline::testing
