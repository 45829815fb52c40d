#pragma once

#include <optional>
#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace plumbline {

struct Command;

// What the command line says to the commands that tell others.
struct PublishFlags {
  std::optional<std::string> to, template_file, issue, key, base, head;
  std::optional<int> pull_request, timeout, days;
  bool always = false;

  // Of each request to a forge or a chat.
  int timeout_seconds() const { return timeout.value_or(30); }
};

// Adds the flags that the command has of these.
void define_publish_flags(CLI::App& app, const Command& command, PublishFlags& flags);

}  // namespace plumbline
