#pragma once

#include <map>
#include <string>
#include <vector>

#include "report/report.h"

namespace plumbline {

// A report in as many words as a chat has room for.
struct Message {
  std::string title;                          // "drift: 3 findings (1 critical, 2 low)"
  std::vector<std::string> lines;             // what it is about, then the gravest findings
  std::map<std::string, std::string> values;  // for templates: "verdict", "counts", "actual", ...
};
Message message_of(const Report& report);
// Of any text, as a digest: its first line is the title.
Message message_of(const std::string& text);

// Whether somebody has to be told: something new or fixed; without a run before, any drift.
bool has_news(const Report& report);

// The message as JSON, as each service wants it.
std::string slack_message(const Message& message);
std::string teams_message(const Message& message);
// A JSON template in whose texts each {{name}} is replaced by what the message says of it. Throws Error for a
// template that is no JSON and for a name that there is not.
std::string filled_template(const std::string& text, const Message& message);

}  // namespace plumbline
