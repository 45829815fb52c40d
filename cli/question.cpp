#include "cli/question.h"

#include <unistd.h>

#include <iostream>

#include "cli/log.h"
#include "postgres/text.h"

namespace plumbline {

bool can_ask() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

std::string answer_to(std::string_view question) {
  log::ask(question);
  std::string answer;
  std::getline(std::cin, answer);
  return std::string(trim(answer));
}

}  // namespace plumbline
