#include "migrations/meta_command.h"

#include <algorithm>
#include <array>

#include "postgres/text.h"

namespace plumbline {
namespace {

using Effect = MetaCommand::Effect;

// psql 15, "Meta-Commands": those that change only what psql prints or how it runs.
constexpr std::array harmless = {
    "a",     "C",    "conninfo", "copyright", "echo",  "errverbose", "f",  "H",  "h",       "help",
    "html",  "pset", "qecho",    "r",         "reset", "restrict",   "t",  "T",  "timing",  "unrestrict",
    "unset", "warn", "x",        "?",         "l",     "z",          "sf", "sv", "encoding"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> hints = {{
    {"copy", "Write COPY ... FROM stdin with the data and a line \"\\.\" below it, or INSERT."},
    {"i", "Put the statements of the included file here, or make that file a migration of its own."},
    {"ir", "Put the statements of the included file here, or make that file a migration of its own."},
    {"include", "Put the statements of the included file here, or make that file a migration of its own."},
    {"include_relative",
     "Put the statements of the included file here, or make that file a migration of its own."},
    {"gexec", "Write the statements out, or run them from a DO block with EXECUTE."},
}};

std::string hint_for(std::string_view word) {
  for (const auto& [name, hint] : hints) {
    if (name == word) return std::string(hint);
  }
  return "Only psql knows this command; write the file in plain SQL.";
}

Effect effect_of(std::string_view word, std::string_view arguments) {
  if (word == "set" || word == "prompt") return word == "set" ? Effect::defines : Effect::refused;
  if (word == "q" || word == "quit") return Effect::ends_file;
  if (word == ";" || (word == "g" && arguments.empty())) return Effect::ends_statement;
  if (word == "c" || word == "connect") return arguments.empty() ? Effect::none : Effect::refused;
  if (word == "encoding") {
    const std::string name = to_lower(arguments);
    return name.empty() || name == "utf8" || name == "utf-8" || name == "'utf8'" ? Effect::none
                                                                                 : Effect::refused;
  }
  if (word.starts_with('d')) return Effect::none;  // \d, \dt, \df+ ... only list
  return std::ranges::find(harmless, word) != harmless.end() ? Effect::none : Effect::refused;
}

}  // namespace

MetaCommand meta_command(std::string_view line) {
  std::size_t end = 1;
  while (end < line.size() && line[end] != ' ' && line[end] != '\t' && line[end] != '\r' &&
         line[end] != '\\' && line[end] != ';') {
    ++end;
  }
  if (end == 1 && line.size() > 1) end = 2;
  const std::string_view word = line.substr(1, end - 1);
  const std::string_view arguments = trim(line.substr(std::min(end, line.size())));
  MetaCommand command{.effect = effect_of(word, arguments), .name = std::string(line.substr(0, end))};
  if (command.effect == Effect::defines)
    command.variable = arguments.substr(0, arguments.find_first_of(" \t"));
  if (command.effect == Effect::refused) command.hint = hint_for(word);
  return command;
}

}  // namespace plumbline
