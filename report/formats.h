#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "report/report.h"

namespace plumbline {

struct RenderOptions {
  TextOptions text;
  Draw draw;
  Failing failing;
};

// A format that reports are written in. All there is to know of one stands in its line of the table.
struct Format {
  std::string_view name;
  std::span<const std::string_view> aliases;
  std::span<const std::string_view> endings;  // of files that get it; the longest that fits counts
  std::string_view purpose;                   // for people: "a comment on a pull request"
  void (*write)(const Report&, const RenderOptions&, std::ostream&);
};

std::span<const Format> formats();
const Format* find_format(std::string_view name);     // by name or alias
const Format* format_of_file(std::string_view file);  // by ending; null: none has it

}  // namespace plumbline
