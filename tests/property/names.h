#pragma once

#include <rapidcheck.h>

#include <string>
#include <vector>

#include "postgres/text.h"

namespace plumbline::testing {

// What PostgreSQL takes for an identifier and people get wrong: quotes, capitals, blanks, line ends, dots,
// backslashes, other alphabets, reserved words, text that looks like SQL; never empty, at most 63 bytes.
inline rc::Gen<std::string> identifier() {
  static const std::vector<std::string> odd{
      "a\"b", "\"\"",     "Capital", "two words", " ",     "line\nend", "tab\tstop", "dot.ted", "back\\slash",
      "it's", "select",   "user",    "table",     "order", "f(x)",      "a,b",       "--",      "/* */",
      "$1",   "1st",      "käse",    "Ünï",       "表",    "🐘",         "\x01",      "%s",      "${HOME}",
      "NULL", "\"; DROP", "{}",      "é",         "Ω.ω",   "[0]",       "a=b",       "#",       ";"};
  return rc::gen::map(
      rc::gen::pair(rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(
                        rc::gen::elementOf(odd), rc::gen::element<std::string>("a", "b", "z", "_", "0"))),
                    rc::gen::inRange(0, 12)),
      [](const std::pair<std::vector<std::string>, int>& made) {
        std::string name = join(made.first, "");
        if (made.second == 0) name += std::string(63, 'n');
        if (name.size() > 63) name.resize(63);
        while (!is_valid_utf8(name)) name.pop_back();
        return name.empty() ? std::string("n") : name;
      });
}

// Any text a comment, a default or a body may hold.
inline rc::Gen<std::string> any_text() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(identifier()),
                      [](const std::vector<std::string>& parts) { return join(parts, "\r\n'$$ "); });
}

}  // namespace plumbline::testing
