#include "cli/saved_report.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "postgres/error.h"

namespace plumbline {

Report read_saved_report(const std::string& file) {
  if (std::filesystem::is_directory(file)) {
    throw Error("\"" + file + "\" is a folder", "Name the file that --format json wrote.");
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    throw Error("cannot read the report \"" + file + "\": " + std::strerror(errno),
                "Name the file that check or diff wrote with --format json.");
  }
  return read_report(stream, file);
}

}  // namespace plumbline
