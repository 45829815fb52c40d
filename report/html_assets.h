#pragma once

#include <string_view>

namespace plumbline {

// What stands in report/html/, built in as it is.
extern const std::string_view page_style, page_script;

}  // namespace plumbline
