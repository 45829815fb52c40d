#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.h"

namespace plumbline {

// One place that the result goes to.
struct Output {
  std::string file;    // empty: stdout
  std::string format;  // "text", "markdown", "json", ...: of report/formats.h
  bool colour = false;
  int width = 0;  // of the terminal, 0: none
};

using OutputWriter = std::function<void(const Output&, std::ostream&)>;

// Writes to each of settings.outputs, else to stdout. A file appears whole or not at all: when something goes
// wrong, a full disk included, the old one stays and an Error says why. A reader of stdout that has gone away
// is no trouble.
void write_output(const Settings& settings, const OutputWriter& writer);

// Text to stdout, under the same conditions.
void print(std::string_view text);

// Where a result goes and how, in the order of settings.outputs. Throws UsageError for an unknown format.
std::vector<Output> outputs_of(const Settings& settings);

// Whether one of the outputs has the format.
bool wants(const Settings& settings, std::string_view format);

// Throws what write_output would throw for a format, a folder or a closed stdout, before the work rather than
// after it.
void check_outputs(const Settings& settings);

// Names of the formats of reports.
const std::vector<std::string>& format_names();

}  // namespace plumbline
