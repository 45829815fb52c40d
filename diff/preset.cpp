#include "diff/preset.h"

#include <algorithm>
#include <array>
#include <optional>

#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/capture.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

// What there is of a role; {} is its name.
constexpr auto of_a_role = std::to_array<std::string_view>(
    {"role {}", "membership {} TO *", "membership * TO {}", "membership * TO {} GRANTED BY *",
     "role_setting {} *", "default_privileges FOR ROLE {} *", "database_setting FOR ROLE {} *"});

// An empty list has no words.
std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> words = split(list, ' ');
  std::erase(words, "");
  return words;
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string result(text);
  for (std::size_t at = result.find(what); at != std::string::npos; at = result.find(what, at + by.size())) {
    result.replace(at, what.size(), by);
  }
  return result;
}

IgnoreRule rule_of(std::string_view line) {
  const std::size_t blank = line.find(' ');
  return {.kind = std::string(line.substr(0, blank)), .object = std::string(line.substr(blank + 1))};
}

std::vector<IgnoreRule> rules_of(const Preset& preset) {
  std::vector<IgnoreRule> rules;
  for (const std::string& role : words_of(preset.roles)) {
    for (const std::string_view line : of_a_role) rules.push_back(rule_of(replaced(line, "{}", role)));
  }
  for (const std::string& line : split(preset.objects, '\n')) {
    if (!trim(line).empty()) rules.push_back(rule_of(trim(line)));
  }
  return rules;
}

std::string bound(std::vector<Parameter>& parameters, std::string_view text) {
  parameters.emplace_back(text);
  return "$" + std::to_string(parameters.size());
}

std::string any_of(std::string_view column_and_table, std::string_view list,
                   std::vector<Parameter>& parameters) {
  if (list.empty()) return "false";
  const std::size_t blank = column_and_table.find(' ');
  return "EXISTS (SELECT FROM pg_catalog." + std::string(column_and_table.substr(blank + 1)) + " WHERE " +
         std::string(column_and_table.substr(0, blank)) + " = ANY (string_to_array(" +
         bound(parameters, list) + ", ' ')))";
}

std::string sign_condition(const Preset::Signs& signs, std::vector<Parameter>& parameters) {
  std::string sql = signs.always ? "true" : "false";
  sql += " OR " + any_of("rolname pg_roles", signs.roles, parameters);
  sql += " OR " + any_of("extname pg_extension", signs.extensions, parameters);
  sql += " OR " + any_of("nspname pg_namespace", signs.schemas, parameters);
  for (const std::string& setting : words_of(signs.settings)) {
    sql += " OR current_setting(" + bound(parameters, setting) + ", true) IS NOT NULL";
  }
  return sql;
}

std::vector<const Preset*> shown_by(Connection& live) {
  std::vector<std::string> columns;
  std::vector<Parameter> parameters;
  for (const Preset& preset : all_presets()) {
    columns.push_back("(" + sign_condition(preset.signs, parameters) + ")");
  }
  std::vector<const Preset*> result;
  live.query("SELECT " + join(columns, ", "), parameters, [&](const Row& row) {
    for (std::size_t i = 0; i < all_presets().size(); ++i) {
      if (row[i] == "t") result.push_back(&all_presets()[i]);
    }
  });
  return result;
}

const Preset& preset_named(const std::string& name) {
  const auto found = std::ranges::find(all_presets(), name, &Preset::name);
  if (found != all_presets().end()) return *found;
  throw Error("there is no preset \"" + name + "\"",
              "Known are auto, none, " + join(preset_names(), ", ") + ".");
}

std::vector<const Preset*> chosen(std::span<const std::string> names, Connection* live) {
  std::vector<const Preset*> result;
  const auto add = [&](const Preset* preset) {
    if (std::ranges::find(result, preset) == result.end()) result.push_back(preset);
  };
  for (const std::string& name : names) {
    if (name == "none") continue;
    if (name != "auto") {
      add(&preset_named(name));
    } else if (live != nullptr) {
      std::ranges::for_each(shown_by(*live), add);
    } else {
      for (const Preset& preset : all_presets()) {
        if (preset.signs.always) add(&preset);
      }
    }
  }
  return result;
}

// What it makes stands in tables of its own, which the connected role need not be allowed to read.
std::set<std::string, std::less<>> made_by(const Preset& preset, Connection& live) {
  std::set<std::string, std::less<>> result;
  if (preset.makes.empty()) return result;
  const std::optional<std::string> schema = live.value(
      "SELECT quote_ident(nspname) FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n"
      " ON n.oid = e.extnamespace WHERE extname = ANY (string_to_array($1, ' '))",
      {std::string(preset.signs.extensions)});
  if (!schema) return result;
  const BriefLocks locks(live);
  try {
    live.query(replaced(preset.makes, "{extension}", *schema),
               [&](const Row& row) { result.emplace(row[0]); });
  } catch (const Error&) {
    result.clear();
  }
  return result;
}

bool matches_any(std::string_view list, std::string_view name) {
  return std::ranges::any_of(words_of(list),
                             [&](const std::string& glob) { return glob_matches(glob, name); });
}

bool is_within(const Preset& preset, const Finding& finding) {
  if (matches_any(preset.left, finding.kind)) return false;
  if (is_namespace(finding.kind)) return matches_any(preset.schemas, finding.name);
  return !finding.schema.empty() && matches_any(preset.schemas, finding.schema);
}

bool knows(const ActivePreset& active, const Finding& finding) {
  const Preset& preset = *active.preset;
  if (finding.verb == Difference::Verb::missing) return false;
  if (finding.verb == Difference::Verb::changed && preset.only_unexpected) return false;
  if (is_within(preset, finding)) return true;
  if (finding.verb == Difference::Verb::unexpected && !active.made.empty()) {
    const std::string& whole = finding.parent.empty() ? finding.name : finding.parent;
    if (active.made.contains(finding.schema + "." + whole)) return true;
  }
  return std::ranges::any_of(active.rules, [&](const IgnoreRule& rule) { return fits(rule, finding); });
}

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : all_presets()) names.emplace_back(preset.name);
  return names;
}

std::vector<ActivePreset> active_presets(std::span<const std::string> names, Connection* live) {
  std::vector<ActivePreset> result;
  for (const Preset* preset : chosen(names, live)) {
    result.push_back({preset, rules_of(*preset), {}});
    if (live != nullptr) result.back().made = made_by(*preset, *live);
  }
  return result;
}

HiddenFindings hide(std::vector<Finding>& findings, const ActivePreset& active) {
  HiddenFindings hidden{
      "preset " + std::string(active.preset->name), "made by " + std::string(active.preset->label), {}, 0};
  hidden.count = std::erase_if(findings, [&](const Finding& finding) { return knows(active, finding); });
  return hidden;
}

}  // namespace plumbline
