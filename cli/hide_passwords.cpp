#include <algorithm>
#include <cstring>
#include <regex>

#include "cli/log.h"
#include "cli/options.h"
#include "postgres/connection.h"

namespace plumbline {
namespace {

// The password in what somebody typed as a connection string and may have mistyped: "postgres:/u:PASS@h" is
// none to libpq, and a message that quotes it must not print the password. Empty: there is none.
std::string typed_password(const std::string& text) {
  static const std::regex url(R"(^(?:--[\w-]+=)?[A-Za-z][\w+.-]*(?::/*|//)[^\s:/@]*:(.+)@.*$)");
  static const std::regex no_scheme(R"(^(?:--[\w-]+=)?/*[^\s:/@]+:([^\s:@/]+)@[^:@]*(?::\d+)?(?:/.*)?$)");
  static const std::regex key(R"(\b(?!passfile)\w*(?:pass|pasw|pwd|secret)\w*\s*=\s*('[^']*'|[^\s&]+))",
                              std::regex::icase);
  std::smatch found;
  if (text.starts_with("git:")) return {};
  if (std::regex_match(text, found, url) || std::regex_match(text, found, no_scheme)) return found[1];
  return std::regex_search(text, found, key) ? found[1].str() : std::string();
}

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

void note_passwords(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    const std::string password = typed_password(text);
    if (password.empty()) continue;
    std::string masked = text;
    masked.replace(masked.rfind(password), password.size(), "***");
    log::mask(text, masked);
    // Where a message quotes a part of it; a short one would be found everywhere.
    if (password.size() >= 4) log::mask(password, "***");
  }
}

void hide_passwords(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    char* text = argv[i];
    const bool mistyped = !typed_password(text).empty();
    if (std::strncmp(text, "--", 2) == 0) {
      char* equals = std::strchr(text, '=');
      if (!equals) continue;
      text = equals + 1;
    }
    if (mistyped || std::strstr(text, "://") || std::strstr(text, "password")) {
      if (mistyped || looks_like_conninfo(text)) hide_in(text);
    }
  }
}

}  // namespace plumbline
