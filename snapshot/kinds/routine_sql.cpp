#include "snapshot/kinds/routine_sql.h"

#include <map>

#include "postgres/text.h"
#include "snapshot/kind.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

std::string settings(std::string_view text) {
  std::string result;
  for (const auto& [name, value] : options_in(text)) result.append("\n ").append(set_setting(name, value));
  return result;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return result;
}

std::string properties(const Object& object) {
  std::string sql = "\n LANGUAGE " + quote_identifier(object["language"]);
  const auto flag = [&](std::string_view attribute, std::string_view words) {
    if (!object[attribute].empty()) sql.append(words);
  };
  const auto say = [&](std::string_view attribute, std::string_view words) {
    if (!object[attribute].empty()) sql.append(words).append(object[attribute]);
  };
  if (!object["transforms"].empty()) {
    std::string list;
    for (const std::string& type : list_items(object["transforms"])) {
      list += (list.empty() ? "" : ", ") + std::string("FOR TYPE ") + type;
    }
    sql += " TRANSFORM " + list;
  }
  flag("window", " WINDOW");
  if (!object["volatility"].empty()) sql += " " + upper(object["volatility"]);
  flag("strict", " STRICT");
  flag("security_definer", " SECURITY DEFINER");
  flag("leakproof", " LEAKPROOF");
  if (!object["parallel"].empty()) sql += " PARALLEL " + upper(object["parallel"]);
  say("cost", " COST ");
  say("rows", " ROWS ");
  say("support", " SUPPORT ");
  return sql + settings(object["settings"]);
}

std::string body(const Object& object) {
  if (!object["sql_body"].empty()) return "\n" + std::string(object["sql_body"]);
  if (!object["library"].empty()) {
    return "\nAS " + quote_literal(object["library"]) + ", " + quote_literal(object["body"]);
  }
  return "\nAS " + dollar_quoted(object["body"]);
}

std::string statement(const Object& object, std::string_view verb) {
  const ObjectId& id = object.id();
  std::string sql = std::string(verb) + " " + std::string(id.kind->keyword) + " " +
                    quote_identifier(id.schema.view()) + "." + routine_name(id.name.view()) + "(" +
                    std::string(object["arguments"]) + ")";
  if (!object["returns"].empty()) sql += "\n RETURNS " + std::string(object["returns"]);
  return sql + properties(object) + body(object);
}

}  // namespace

std::string routine_name(std::string_view signature) {
  bool quoted = false;
  for (std::size_t at = 0; at < signature.size(); ++at) {
    if (signature[at] == '"') quoted = !quoted;
    if (signature[at] == '(' && !quoted) return std::string(signature.substr(0, at));
  }
  return std::string(signature);
}

void create_routine(const Object& object, Scene&, Script& out) { out.add(statement(object, "CREATE")); }

bool replace_routine(const Change& change, Script& out) {
  for (const std::string_view fixed : {"arguments", "returns", "window"}) {
    if (change.from(fixed) != change.to(fixed)) return false;
  }
  out.add(statement(change.expected, "CREATE OR REPLACE"));
  return true;
}

}  // namespace plumbline::kinds
