#include "snapshot/kinds/sql.h"

#include <algorithm>
#include <map>

#include "postgres/text.h"
#include "snapshot/kind.h"
#include "snapshot/kinds/declarations.h"

namespace plumbline::kinds {

namespace {

// Settings that are lists of names, each quoted where needed, by themselves (GUC_LIST_QUOTE).
bool is_list_of_names(std::string_view setting) {
  return setting == "search_path" || setting == "temp_tablespaces" || setting.ends_with("_preload_libraries");
}

// "provider: label", a line each.
std::map<std::string, std::string> labels_in(std::string_view text) {
  std::map<std::string, std::string> labels;
  for (const std::string& line : split(text, '\n')) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) labels[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return labels;
}

// "p(integer, text)", "IN" -> "p(IN integer, IN text)"
std::string with_mode(std::string_view name, std::string_view mode) {
  std::size_t open = 0;
  for (bool quoted = false; open < name.size() && (quoted || name[open] != '('); ++open) {
    if (name[open] == '"') quoted = !quoted;
  }
  if (open == name.size() || !name.ends_with(')')) return std::string(name);
  std::string arguments;
  for (const std::string& type : list_items(name.substr(open + 1, name.size() - open - 2)))
    arguments.append(arguments.empty() ? "" : ", ").append(mode).append(" ").append(type);
  return std::string(name.substr(0, open)) + "(" + arguments + ")";
}

}  // namespace

std::string own_name(const ObjectId& id) {
  if (!id.kind->name_is_sql) return quote_qualified(id.schema.view(), id.name.view());
  const std::string_view mode = id.kind->argument_mode;
  const std::string name = mode.empty() ? std::string(id.name.view()) : with_mode(id.name.view(), mode);
  return id.schema.empty() ? name : quote_identifier(id.schema.view()) + "." + name;
}

std::string parent_name(const ObjectId& id) { return quote_qualified(id.schema.view(), id.parent.view()); }

std::string sql_name(const ObjectId& id) {
  const std::string keyword = std::string(id.kind->keyword) + " ";
  switch (id.kind->naming) {
    case Kind::Naming::on_parent:
      return keyword + quote_identifier(id.name.view()) + " ON " + parent_name(id);
    case Kind::Naming::under_parent:
      return keyword + qualified(id);
    case Kind::Naming::plain:
      break;
  }
  return keyword + own_name(id);
}

std::string grant_name(const ObjectId& id) {
  return std::string(id.kind->grant_on.empty() ? id.kind->keyword : id.kind->grant_on) + " " + own_name(id);
}

void drop_plainly(const Object& object, Scene&, Script& out) { out.add("DROP " + sql_name(object.id())); }

void drop_with_data(const Object& object, Scene&, Script& out) {
  out.add("DROP " + sql_name(object.id()), {Hazard::deletes_data, Hazard::blocks_reads_and_writes});
}

bool alter_comment(const Change& change, Script& out) {
  const std::string_view text = change.to("comment");
  out.add("COMMENT ON " + sql_name(change.expected.id()) + " IS " +
          (text.empty() ? std::string("NULL") : quote_literal(text)));
  return true;
}

bool alter_owner(const Change& change, Script& out) {
  const std::string_view owner = change.to("owner");
  if (owner.empty()) return true;
  out.add("ALTER " + sql_name(change.expected.id()) + " OWNER TO " + quote_identifier(owner),
          {Hazard::authorisation});
  return true;
}

bool alter_depends_on_extension(const Change& change, Script& out) {
  const auto had = list_items(change.from("depends_on_extension"));
  const auto has = list_items(change.to("depends_on_extension"));
  const std::string alter = "ALTER " + sql_name(change.expected.id());
  for (const std::string& each : had) {
    if (std::ranges::find(has, each) == has.end())
      out.add(std::string(alter).append(" NO DEPENDS ON EXTENSION ").append(each));
  }
  for (const std::string& each : has) {
    if (std::ranges::find(had, each) == had.end())
      out.add(std::string(alter).append(" DEPENDS ON EXTENSION ").append(each));
  }
  return true;
}

std::optional<Object> find_named(const Snapshot& snapshot, const Kind& kind, std::string_view name) {
  for (std::size_t place = 0; place < snapshot.size(); ++place) {
    const Object object = snapshot[place];
    if (object.id().kind == &kind && own_name(object.id()) == name) return object;
  }
  return std::nullopt;
}

bool alter_nothing(const Change&, Script&) { return true; }

std::vector<std::string> list_items(std::string_view text) {
  std::vector<std::string> items;
  std::string item;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '{' || c == '[') {
      ++depth;
    } else if (c == ')' || c == '}' || c == ']') {
      --depth;
    } else if (c == ',' && depth == 0) {
      items.emplace_back(trim(item));
      item.clear();
      continue;
    }
    item += c;
  }
  if (!trim(item).empty()) items.emplace_back(trim(item));
  return items;
}

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  std::string name;
  bool quoted = false, was_quoted = false;  // an empty name is one where it stands in quotes
  for (std::size_t i = 0; i <= list.size(); ++i) {
    const char c = i < list.size() ? list[i] : ',';
    if (c == '"') {
      if (quoted && i + 1 < list.size() && list[i + 1] == '"') {
        name += '"';
        ++i;
      } else {
        quoted = !quoted;
        was_quoted = true;
      }
    } else if (c == ',' && !quoted) {
      if (!name.empty() || was_quoted) names.push_back(name);
      name.clear();
      was_quoted = false;
    } else if (c != ' ' || quoted || !name.empty()) {
      name += c;
    }
  }
  return names;
}

std::map<std::string, std::string> options_in(std::string_view options) {
  std::map<std::string, std::string> result;
  std::string last;
  for (const std::string& item : split(options, ',')) {
    const std::size_t equals = item.find('=');
    const std::string_view name = trim(std::string_view(item).substr(0, equals));
    const bool is_name = equals != std::string::npos && name.find_first_of(" '\"(") == std::string_view::npos;
    if (is_name || last.empty()) {
      last = std::string(name);
      result[last] = equals == std::string::npos ? "" : item.substr(equals + 1);
    } else {
      result[last] += "," + item;  // a value with a comma
    }
  }
  result.erase("");
  return result;
}

std::string set_setting(std::string_view name, std::string_view value) {
  std::string words;
  if (is_list_of_names(name)) {
    for (const std::string& item : names_in(value))
      words.append(words.empty() ? "" : ", ").append(quote_literal(item));
  }
  if (words.empty()) words = quote_literal(value);
  return std::string("SET ").append(name).append(" TO ").append(words);
}

bool alter_shared_labels(const Change& change, Script& out) {
  const auto had = labels_in(change.from("security_labels")), has = labels_in(change.to("security_labels"));
  const auto label = [&](const std::string& provider, const std::string& words) {
    out.add("SECURITY LABEL FOR " + quote_identifier(provider) + " ON " + sql_name(change.expected.id()) +
                " IS " + words,
            {Hazard::authorisation});
  };
  for (const auto& [provider, text] : had) {
    if (!has.contains(provider)) label(provider, "NULL");
  }
  for (const auto& [provider, text] : has) {
    const auto old = had.find(provider);
    if (old == had.end() || old->second != text) label(provider, quote_literal(text));
  }
  return true;
}

std::string storage_parameters(std::string_view options, std::string_view prefix) {
  std::string result;
  for (const auto& [name, value] : options_in(options)) {
    result.append(result.empty() ? "" : ", ")
        .append(prefix)
        .append(name)
        .append("=")
        .append(quote_literal(value));
  }
  return result;
}

void set_and_reset(const std::string& statement, std::string_view from, std::string_view to, Script& out,
                   std::string_view prefix) {
  const auto had = options_in(from), has = options_in(to);
  std::string set, reset;
  for (const auto& [name, value] : has) {
    const auto old = had.find(name);
    if (old != had.end() && old->second == value) continue;
    set.append(set.empty() ? "" : ", ").append(prefix).append(name).append("=").append(quote_literal(value));
  }
  for (const auto& [name, value] : had) {
    if (!has.contains(name)) reset.append(reset.empty() ? "" : ", ").append(prefix).append(name);
  }
  if (!set.empty()) out.add(statement + " SET (" + set + ")");
  if (!reset.empty()) out.add(statement + " RESET (" + reset + ")");
}

bool has_secret(std::string_view options) { return options.find(" (fingerprint ") != std::string_view::npos; }

bool is_secret(std::string_view value) { return value.starts_with("fingerprint "); }

void refuse_secrets(const Object& object, Script& out) {
  if (has_secret(object["options"])) {
    out.cannot("the secret options of " + describe(object.id()) + " are in no snapshot; set them by hand");
  }
}

bool alter_options(const Change& change, Script& out) {
  const std::string options = foreign_options(change.from("options"), change.to("options"), false);
  if (!options.empty()) out.add("ALTER " + sql_name(change.expected.id()) + options);
  refuse_secrets(change.expected, out);
  return true;
}

std::string foreign_options(std::string_view from, std::string_view to, bool is_new) {
  const auto had = options_in(from), has = options_in(to);
  std::string list;
  const auto add = [&](const std::string& what) { list.append(list.empty() ? "" : ", ").append(what); };
  for (const auto& [name, value] : has) {
    if (has_secret(name)) continue;
    const auto old = had.find(name);
    const std::string text = quote_identifier(name) + " " + quote_literal(value);
    if (is_new) {
      add(text);
    } else if (old == had.end()) {
      add("ADD " + text);
    } else if (old->second != value) {
      add("SET " + text);
    }
  }
  for (const auto& [name, value] : had) {
    if (!is_new && !has.contains(name) && !has_secret(name)) add("DROP " + quote_identifier(name));
  }
  return list.empty() ? list : " OPTIONS (" + list + ")";
}

}  // namespace plumbline::kinds
