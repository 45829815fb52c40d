#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace plumbline {

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// What stands in tests/golden/`name`; with UPDATE_GOLDEN=1 `text` is put there first.
inline std::string golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(PLUMBLINE_SOURCE) + "/tests/golden/" + name;
  if (const char* update = std::getenv("UPDATE_GOLDEN"); update != nullptr && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << text;
  }
  return read_text(path);
}

}  // namespace plumbline
