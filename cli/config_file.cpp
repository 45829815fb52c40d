#include "cli/config_file.h"

#include <fstream>
#include <sstream>

#include "cli/config.h"
#include "postgres/error.h"

namespace plumbline {

namespace fs = std::filesystem;

std::string config_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (!stream || !(text << stream.rdbuf())) {
    if (stream && fs::is_regular_file(file) && fs::is_empty(file)) return {};
    throw Error("cannot read the settings file \"" + file.string() + "\"",
                fs::exists(file) ? "Check that it is a file and may be read." : "There is no such file.");
  }
  return text.str();
}

fs::path shown_path(const fs::path& file) {
  std::error_code failed;
  const fs::path shorter = fs::proximate(file, failed);
  const bool is_shorter = !failed && !shorter.empty() && shorter.native().size() < file.native().size();
  return is_shorter ? shorter : file;
}

std::optional<fs::path> find_config(const fs::path& directory) {
  for (fs::path folder = fs::absolute(directory);; folder = folder.parent_path()) {
    std::error_code failed;
    if (fs::is_regular_file(folder / "plumbline.toml", failed)) return folder / "plumbline.toml";
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

}  // namespace plumbline
