#include "cli/flag_values.h"

#include <algorithm>

#include "cli/commands.h"
#include "cli/output.h"
#include "diff/preset.h"
#include "migrations/directory.h"
#include "postgres/text.h"
#include "snapshot/script.h"

namespace plumbline {
namespace {

std::vector<std::string> format_values(std::string_view name) {
  const Command* command = find_command(name);
  return command == nullptr || command->formats.empty() ? format_names() : split(command->formats, ' ');
}

std::vector<std::string> preset_values() {
  std::vector<std::string> names = preset_names();
  names.insert(names.begin(), {"auto", "none"});
  return names;
}

struct FixedValues {
  std::string_view flag, values;  // separated by blanks
};
constexpr FixedValues fixed_values[] = {
    {"--at", "applied head"},
    {"--fail-on", "info low medium high critical new"},
    {"--phase", "expand migrate contract"},
    {"--section", "up down"},
    {"--statement", "done not-done"},
    {"--to", "slack teams webhook pushgateway"},
    {"--type", "schema data security perf"},
    {"SHELL", "bash zsh fish"},
};

struct ComputedValues {
  std::string_view flag;
  std::vector<std::string> (*values)(std::string_view command);
};
constexpr ComputedValues computed_values[] = {
    {"--format", format_values},
    {"--convention", [](std::string_view) { return convention_names(); }},
    {"--preset", [](std::string_view) { return preset_values(); }},
    {"--allow-hazards", [](std::string_view) { return hazard_names(); }},
};

}  // namespace

std::vector<std::string> flag_values(std::string_view command, std::string_view flag) {
  for (const FixedValues& each : fixed_values) {
    if (each.flag == flag) return split(each.values, ' ');
  }
  for (const ComputedValues& each : computed_values) {
    if (each.flag == flag) return each.values(command);
  }
  return {};
}

}  // namespace plumbline
