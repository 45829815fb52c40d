#include "snapshot/kinds/routine_sql.h"

#include <map>

#include "postgres/text.h"
#include "snapshot/kind.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

std::string dollar_quoted(std::string_view text) {
  std::string tag = "$";
  for (int i = 0; text.find(tag + "$") != std::string_view::npos || (i == 0 && text.ends_with('$')); ++i) {
    tag += i == 0 ? "body" : "_";
  }
  tag += "$";
  return tag + std::string(text) + tag;
}

// Settings that are lists of names, each quoted where needed, by themselves (GUC_LIST_QUOTE).
bool is_list_of_names(std::string_view setting) {
  return setting == "search_path" || setting == "temp_tablespaces" || setting.ends_with("_preload_libraries");
}

std::string settings(std::string_view text) {
  std::string result;
  for (const auto& [name, value] : options_in(text)) {
    std::string words;
    if (is_list_of_names(name)) {
      for (const std::string& item : names_in(value))
        words += (words.empty() ? "" : ", ") + quote_literal(item);
      if (words.empty()) words = "''";
    } else {
      words = quote_literal(value);
    }
    result.append("\n SET ").append(name).append(" TO ").append(words);
  }
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
