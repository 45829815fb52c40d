#pragma once

#include <string_view>
#include <vector>

#include "postgres/connection.h"

namespace plumbline {

// COPY's text form, one line (manual, COPY, "Text Format"): undoes the escapes in place.
class CopyLine {
 public:
  Row parse(char* line, int length);

 private:
  char* parse_field(char* at, char* end);

  std::vector<std::string_view> fields_;
};

}  // namespace plumbline
