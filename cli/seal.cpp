#include "cli/seal.h"

#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace plumbline {

void seal_environment() {
  // Never destroyed: what libraries do at exit asks for variables, too.
  static auto& kept = *new std::vector<std::string>;
  static auto& variables = *new std::vector<char*>;
  for (char** variable = environ; *variable; ++variable) kept.emplace_back(*variable);
  for (char** variable = environ; *variable; ++variable) explicit_bzero(*variable, std::strlen(*variable));
  variables.reserve(kept.size() + 1);
  for (std::string& variable : kept) variables.push_back(variable.data());
  variables.push_back(nullptr);
  environ = variables.data();
#ifdef __linux__
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace plumbline
