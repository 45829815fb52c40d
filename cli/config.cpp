#include "cli/config.h"

#include <toml++/toml.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <sstream>

#include "cli/config_file.h"
#include "cli/environment.h"
#include "cli/output.h"
#include "cli/suggest.h"
#include "diff/preset.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

// What all parts of reading one file share.
struct Source {
  std::string name;  // for messages
  fs::path folder;   // paths in the file start here

  std::string at(const toml::source_region& region) const {
    return name + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column) + ": ";
  }

  std::string path(const std::string& text) const {
    if (text.empty() || fs::path(text).is_absolute()) return text;
    return (folder / text).lexically_normal().string();
  }
};

std::string type_name(const toml::node& node) {
  std::ostringstream text;
  text << node.type();
  return text.str();
}

std::string iso_date(const toml::date& date) {
  char text[24];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
  return text;
}

bool is_iso_date(const std::string& text) {
  int year = 0, month = 0, day = 0, read = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &read) != 3) return false;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  return read == 10 && text.size() == 10 && date.ok();
}

// One table of the file. Each key is asked for by name and type; finish() refuses what nobody asked for.
class TomlSection {
 public:
  TomlSection(const toml::table& table, std::string name, const Source& source)
      : table_(table), name_(std::move(name)), source_(source) {}

  const toml::node* find(std::string_view key) {
    known_.emplace_back(key);
    return table_.get(key);
  }

  bool text(std::string_view key, std::string& target) {
    const toml::node* node = find(key);
    if (!node) return false;
    if (!node->is_string()) wrong_type(*node, key, "a string");
    target = **node->as_string();
    return true;
  }

  void number(std::string_view key, int& target) {
    const toml::node* node = find(key);
    if (!node) return;
    if (!node->is_integer() || **node->as_integer() < 0 || **node->as_integer() > 1'000'000) {
      wrong_type(*node, key, "a number from 0 on");
    }
    target = static_cast<int>(**node->as_integer());
  }

  void flag(std::string_view key, bool& target) {
    const toml::node* node = find(key);
    if (!node) return;
    if (!node->is_boolean()) wrong_type(*node, key, "true or false");
    target = **node->as_boolean();
  }

  void path(std::string_view key, std::string& target) {
    if (text(key, target)) target = source_.path(target);
  }

  void list(std::string_view key, std::vector<std::string>& target, bool integers = false) {
    const toml::node* node = find(key);
    if (!node) return;
    const char* wanted = integers ? "a list of strings or integers" : "a list of strings";
    if (!node->is_array()) wrong_type(*node, key, wanted);
    target.clear();
    for (const toml::node& each : *node->as_array()) {
      if (!each.is_string() && !(integers && each.is_integer())) wrong_type(each, key, wanted);
      target.push_back(scalar(each));
    }
  }

  // A table of short values, in the order of their names.
  void values(std::string_view key, const std::function<void(const std::string&, std::string)>& each) {
    const toml::node* node = find(key);
    if (!node) return;
    if (!node->is_table()) wrong_type(*node, key, "a table");
    for (const auto& [name, value] : *node->as_table()) {
      if (!value.is_string() && !value.is_integer() && !value.is_boolean() && !value.is_floating_point()) {
        wrong_type(value, name.str(), "a string or a number");
      }
      each(std::string(name.str()), scalar(value));
    }
  }

  void section(std::string_view key, const std::function<void(TomlSection&)>& read) {
    const toml::node* node = find(key);
    if (!node) return;
    if (!node->is_table()) wrong_type(*node, key, "a table");
    std::string name = name_;
    if (!name.empty()) name += '.';
    TomlSection inner(*node->as_table(), name.append(key), source_);
    read(inner);
    inner.finish();
  }

  void sections(std::string_view key, const std::function<void(TomlSection&)>& read) {
    const toml::node* node = find(key);
    if (!node) return;
    const std::string wanted = "a list of tables, written [[" + std::string(key) + "]]";
    if (!node->is_array()) wrong_type(*node, key, wanted);
    for (const toml::node& each : *node->as_array()) {
      if (!each.is_table()) wrong_type(each, key, wanted);
      TomlSection inner(*each.as_table(), std::string(key), source_);
      read(inner);
      inner.finish();
    }
  }

  [[noreturn]] void refuse(std::string_view key, const std::string& message, const std::string& hint) const {
    const toml::node* node = table_.get(key);
    throw Error(source_.at(node ? node->source() : table_.source()) + message, hint);
  }

  const toml::table& table() const { return table_; }
  const Source& source() const { return source_; }
  std::string known_keys() const { return join(known_, ", "); }

  void finish() const {
    for (const auto& [key, value] : table_) {
      if (std::find(known_.begin(), known_.end(), key.str()) == known_.end()) refuse_key(key);
    }
  }

 private:
  [[noreturn]] void refuse_key(const toml::key& key) const {
    const std::string name(key.str()), where = name_.empty() ? "" : " in [" + name_ + "]";
    const std::string near = did_you_mean(name, known_);
    throw Error(source_.at(key.source()) + "unknown key \"" + name + "\"" + where,
                near.empty() ? "Known are: " + known_keys() + "." : "Did you mean \"" + near + "\"?");
  }

  static std::string scalar(const toml::node& node) {
    if (const auto* string = node.as_string()) return **string;
    if (const auto* integer = node.as_integer()) return std::to_string(**integer);
    if (const auto* boolean = node.as_boolean()) return **boolean ? "true" : "false";
    std::ostringstream text;
    text << **node.as_floating_point();
    return text.str();
  }

  [[noreturn]] void wrong_type(const toml::node& node, std::string_view key,
                               const std::string& wanted) const {
    throw Error(source_.at(node.source()) + "\"" + std::string(key) + "\" must be " + wanted + ", not " +
                type_name(node));
  }

  const toml::table& table_;
  std::string name_;
  const Source& source_;
  std::vector<std::string> known_;
};

void read_presets(TomlSection& section, Settings& settings) {
  section.list("presets", settings.presets);
  std::vector<std::string> known = preset_names();
  known.insert(known.end(), {"auto", "none"});
  for (const std::string& name : settings.presets) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    section.refuse("presets", "unknown preset \"" + name + "\"", "Known are: " + join(known, ", ") + ".");
  }
}

void read_custom(TomlSection& section, CustomConvention& custom) {
  section.text("file_pattern", custom.file_pattern);
  section.text("order", custom.order);
  section.text("up_marker", custom.up_marker);
  section.text("down_marker", custom.down_marker);
  section.text("no_transaction_marker", custom.no_transaction_marker);
  section.text("transaction", custom.transaction);
  section.text("ledger_table", custom.ledger_table);
  section.flag("repeats_versions", custom.repeats_versions);
  section.text("ledger_query", custom.ledger_query);
}

void set_session(std::vector<SessionSetting>& settings, const std::string& name, std::string value) {
  for (SessionSetting& setting : settings) {
    if (setting.name != name) continue;
    setting.value = std::move(value);
    return;
  }
  settings.push_back({name, std::move(value)});
}

void read_migrations(TomlSection& section, Settings& settings) {
  MigrationOptions& migrations = settings.migrations;
  section.path("path", migrations.path);
  section.text("convention", migrations.convention);
  section.list("locations", migrations.locations);
  section.values("placeholders", [&](const std::string& text, std::string replacement) {
    migrations.placeholders[text] = std::move(replacement);
  });
  section.values("stand_ins", [&](const std::string& program, std::string sql) {
    migrations.stand_ins[program] = std::move(sql);
  });
  section.values("settings", [&](const std::string& name, std::string value) {
    set_session(migrations.settings, name, std::move(value));
  });
  section.list("no_transaction", migrations.no_transaction);
  section.list("exclude", migrations.exclude);
  section.list("missing_versions", migrations.missing_versions, true);
  section.text("ledger_table", migrations.ledger_table);
  section.path("prelude", settings.prelude);
  section.text("search_path", settings.search_path);
  section.section("custom", [&](TomlSection& custom) { read_custom(custom, migrations.custom); });
}

void read_runner(TomlSection& section, RunnerOptions& runner) {
  section.text("ledger_schema", runner.ledger_schema);
  section.text("keep_ledger_of", runner.keep_ledger_of);
  section.text("lock_timeout", runner.lock_timeout);
  section.text("statement_timeout", runner.statement_timeout);
  section.number("retries", runner.retries);
  section.number("wait", runner.wait);
  section.flag("out_of_order", runner.out_of_order);
  section.flag("require_approval", runner.require_approval);
  section.flag("check_effect", runner.check_effect);
  section.path("backup_directory", runner.backup_directory);
  section.text("backup_command", runner.backup_command);
  section.list("health_checks", runner.health_checks);
  section.text("health_command", runner.health_command);
  section.flag("roll_back", runner.roll_back);
  const std::string& versions = runner.schema_versions;
  if (section.text("schema_versions", runner.schema_versions) && versions != "each" && versions != "run" &&
      versions != "off") {
    section.refuse("schema_versions", "unknown value \"" + versions + "\"", "Use each, run or off.");
  }
}

void read_check(TomlSection& section, Settings& settings) {
  section.text("at", settings.at);
  section.text("owner", settings.owner);
  section.list("include", settings.include);
  section.list("exclude", settings.exclude);
  read_presets(section, settings);
  if (section.text("format", settings.usual_format)) {
    const std::vector<std::string>& known = format_names();
    if (std::find(known.begin(), known.end(), settings.usual_format) == known.end()) {
      section.refuse("format", "unknown format \"" + settings.usual_format + "\"",
                     "Use one of: " + join(known, ", ") + ".");
    }
  }
  std::string severity;
  if (section.text("fail_on", severity) && !read_fail_on(severity, settings)) {
    section.refuse("fail_on", "unknown severity \"" + severity + "\"",
                   "Use info, low, medium, high, critical, new or never.");
  }
}

void read_expiry(TomlSection& section, IgnoreRule& rule) {
  const toml::node* node = section.find("expires");
  if (!node) return;
  if (const auto* date = node->as_date()) {
    rule.expires = iso_date(**date);
  } else if (const auto* moment = node->as_date_time()) {
    rule.expires = iso_date((**moment).date);
  } else {
    section.text("expires", rule.expires);
  }
  if (!is_iso_date(rule.expires)) {
    section.refuse("expires", "\"" + rule.expires + "\" is no date", "Write the last day as 2026-12-31.");
  }
}

// A rule of a kind that there is not would never hide anything.
void refuse_unknown_kind(const TomlSection& section, const std::string& kind) {
  if (kind.empty() || names_a_kind(kind)) return;
  const std::string near = did_you_mean(kind, ignorable_kinds());
  section.refuse(
      "kind", "unknown kind \"" + kind + "\"",
      near.empty() ? "Known are: " + join(ignorable_kinds(), ", ") + "." : "Did you mean \"" + near + "\"?");
}

void read_ignore(TomlSection& section, Settings& settings) {
  IgnoreRule rule;
  section.text("kind", rule.kind);
  refuse_unknown_kind(section, rule.kind);
  section.text("object", rule.object);
  section.text("attribute", rule.attribute);
  section.text("reason", rule.reason);
  section.text("owner", rule.owner);
  read_expiry(section, rule);
  if (rule.kind.empty() && rule.object.empty() && rule.attribute.empty()) {
    section.finish();  // a misspelt key is the likely cause
    section.refuse("", "an ignore rule without kind, object and attribute would hide everything",
                   "Say what it hides, as in object = \"public.audit_*\".");
  }
  settings.ignore.push_back(std::move(rule));
}

// What the whole file and each [env.NAME] can say.
void read_common(TomlSection& section, Settings& settings) {
  section.text("url", settings.url);
  section.text("password_command", settings.password_command);
  section.path("password_file", settings.password_file);
  section.section("runner", [&](TomlSection& inner) { read_runner(inner, settings.runner); });
  section.section("migrations", [&](TomlSection& inner) { read_migrations(inner, settings); });
  section.section("check", [&](TomlSection& inner) { read_check(inner, settings); });
  section.section("shadow", [&](TomlSection& inner) {
    inner.text("url", settings.shadow_url);
    inner.path("cache_directory", settings.cache_directory);
  });
  section.sections("ignore", [&](TomlSection& inner) { read_ignore(inner, settings); });
}

// What is not chosen must make sense all the same, and is known by its url.
KnownEnvironment read_environment(TomlSection& environments, const std::string& name, Settings& target) {
  KnownEnvironment known{.name = name, .url = {}, .is_protected = false, .locations = {}};
  target.url.clear();
  std::vector<std::string> locations;
  std::swap(locations, target.migrations.locations);
  bool approval = false;
  environments.section(name, [&](TomlSection& one) {
    one.flag("protected", known.is_protected);
    one.flag("approval", approval);
    read_common(one, target);
  });
  known.is_protected = known.is_protected || approval;
  known.url = target.url;
  known.locations = target.migrations.locations;
  if (known.locations.empty()) target.migrations.locations = locations;
  return known;
}

void read_environments(TomlSection& section, const std::string& chosen, Settings& settings) {
  std::vector<std::string> names;
  const auto read_one = [&](TomlSection& environments, const std::string& name) {
    Settings unused;
    Settings& target = name == chosen ? settings : unused;
    settings.environments.push_back(read_environment(environments, name, target));
  };
  section.section("env", [&](TomlSection& environments) {
    for (const auto& [key, value] : environments.table()) names.emplace_back(key.str());
    for (const std::string& name : names) read_one(environments, name);
  });
  if (chosen.empty() || std::find(names.begin(), names.end(), chosen) != names.end()) return;
  const std::string near = did_you_mean(chosen, names);
  const std::string all = names.empty() ? "It has none." : "It has: " + join(names, ", ") + ".";
  throw Error(section.source().name + " has no environment \"" + chosen + "\"",
              near.empty() ? all : "Did you mean \"" + near + "\"? " + all);
}

toml::table parse(const std::string& text, const Source& source) {
  try {
    return toml::parse(text, source.name);
  } catch (const toml::parse_error& error) {
    const std::string_view what = error.description();
    throw Error(source.at(error.source()) + to_lower(what.substr(0, 1)) +
                    std::string(what.substr(std::min<std::size_t>(1, what.size()))),
                "The file is TOML: https://toml.io has the rules.");
  }
}

}  // namespace

void read_config(const fs::path& file, const std::string& environment, Settings& settings) {
  const fs::path shown = shown_path(file);
  const Source source{shown.string(), shown.parent_path()};
  const toml::table table = parse(config_text(file), source);
  TomlSection top(table, "", source);
  read_common(top, settings);
  settings.file_url = settings.url;
  settings.file_locations = settings.migrations.locations;
  read_environments(top, environment, settings);
  top.finish();
  settings.config_file = shown.string();
  settings.environment = environment;
  for (const KnownEnvironment& each : settings.environments) {
    if (each.name == environment) settings.environment_url = each.url;
  }
  settings.url = settings.environment_url.empty() ? settings.file_url : settings.environment_url;
  settings.file_shadow_url = settings.shadow_url;
  settings.shadow_url = expand_variables(settings.shadow_url, "the shadow url in " + source.name);
}

}  // namespace plumbline
