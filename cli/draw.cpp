#include "cli/draw.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/environment.h"
#include "cli/log.h"
#include "expected/process.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

namespace fs = std::filesystem;

std::string find_program(const std::string& name) {
  for (const std::string& folder : split(environment_variable("PATH").value_or("/usr/bin:/bin"), ':')) {
    const fs::path path = fs::path(folder) / name;
    std::error_code failed;
    if (!folder.empty() && fs::is_regular_file(path, failed)) return path.string();
  }
  return {};
}

// A file for a program to read, gone when it goes.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : name_((fs::temp_directory_path() / "plumbline.XXXXXX").string()) {
    const int file = mkstemp(name_.data());
    if (file < 0) throw Error("no temporary file can be made");
    close(file);
    std::ofstream(name_, std::ios::binary) << text;
  }
  ~TemporaryFile() { unlink(name_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

}  // namespace

std::string draw_graph(const std::string& graph) {
  const std::string program = find_program("dot");
  if (program.empty()) {
    log::info("the page has no diagram: install Graphviz (package graphviz) for one");
    return {};
  }
  try {
    const TemporaryFile file(graph);
    const Outcome outcome = run({.words = {program, "-Tsvg", file.name()}, .errors_apart = true});
    if (outcome.exit_code == 0) return outcome.output;
    log::info("the page has no diagram: dot failed: " + std::string(trim(outcome.errors)));
  } catch (const Error& error) {
    log::info("the page has no diagram: " + error.message());
  }
  return {};
}

}  // namespace plumbline
