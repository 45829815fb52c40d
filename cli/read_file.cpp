#include "cli/read_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "postgres/error.h"

namespace plumbline {

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    throw Error("cannot read \"" + path + "\": " + std::strerror(errno),
                "Check the path and its permissions.");
  }
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace plumbline
