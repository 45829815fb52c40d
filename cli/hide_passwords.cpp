#include <algorithm>
#include <cstring>

#include "cli/options.h"
#include "postgres/connection.h"

namespace plumbline {
namespace {

void hide_in(char* text) {
  const std::size_t size = std::strlen(text);
  std::string kept;
  try {
    kept = without_password(text);
    if (kept.size() > size) kept = "hidden";
  } catch (const Error&) {
    kept = "hidden";  // no conninfo that anybody understands, but what follows may well be a password
  }
  kept.resize(size, '\0');
  std::copy(kept.begin(), kept.end(), text);
}

}  // namespace

void hide_passwords(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    char* text = argv[i];
    if (std::strncmp(text, "--", 2) == 0) {
      char* equals = std::strchr(text, '=');
      if (!equals) continue;
      text = equals + 1;
    }
    if (std::strstr(text, "://") || std::strstr(text, "password")) {
      if (looks_like_conninfo(text)) hide_in(text);
    }
  }
}

}  // namespace plumbline
