#include "cli/draw.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/environment.h"
#include "cli/log.h"
#include "expected/process.h"
#include "expected/temporary_file.h"
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

}  // namespace

std::string draw_graph(const std::string& graph) {
  const std::string program = find_program("dot");
  if (program.empty()) {
    log::info("the page has no diagram: install Graphviz (package graphviz) for one");
    return {};
  }
  try {
    const TemporaryFile file(graph);
    const Outcome outcome = run({.words = {program, "-Tsvg", file.path().string()}, .errors_apart = true});
    if (outcome.exit_code == 0) return outcome.output;
    log::info("the page has no diagram: dot failed: " + std::string(trim(outcome.errors)));
  } catch (const Error& error) {
    log::info("the page has no diagram: " + error.message());
  }
  return {};
}

}  // namespace plumbline
