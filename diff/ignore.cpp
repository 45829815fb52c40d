#include "diff/ignore.h"

#include <algorithm>

#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

bool allows(std::string_view pattern, std::string_view text) {
  return pattern.empty() || glob_matches(pattern, text);
}

std::string dotted(std::initializer_list<std::string_view> parts) {
  std::string result;
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    if (!result.empty()) result += '.';
    result += part;
  }
  return result;
}

bool is_date(std::string_view text) {
  constexpr std::string_view form = "0000-00-00";
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == '-' ? text[i] != '-' : !digit) return false;
  }
  const std::string_view month = text.substr(5, 2), day = text.substr(8, 2);
  return month >= "01" && month <= "12" && day >= "01" && day <= "31";
}

void check(const IgnoreRule& rule) {
  if (rule.expires.empty() || is_date(rule.expires)) return;
  throw Error(
      "the ignore rule for " + describe(rule) + " expires on \"" + rule.expires + "\", which is no date",
      "Write the last day on which it holds as YYYY-MM-DD.");
}

// What a rule hides of one finding; true when nothing of it is left.
bool hide(const IgnoreRule& rule, Finding& finding, std::size_t& count) {
  if (!fits(rule, finding)) return false;
  if (rule.attribute.empty()) {
    ++count;
    return true;
  }
  if (finding.verb != Difference::Verb::changed) return false;
  const std::size_t hidden = std::erase_if(finding.changes, [&](const AttributeChange& change) {
    return glob_matches(rule.attribute, change.attribute);
  });
  count += hidden;
  if (hidden > 0 && !finding.changes.empty()) regrade(finding);
  return hidden > 0 && finding.changes.empty();
}

std::string owned_by(const IgnoreRule& rule) {
  return rule.owner.empty() ? "" : " (owner " + rule.owner + ")";
}

// The name that PostgreSQL gives the sequence of a serial or identity column (ChooseRelationName).
bool is_own_sequence(const Finding& finding, std::string_view table_pattern) {
  return finding.parent.empty() && finding.name.ends_with("_seq") &&
         glob_matches(std::string(table_pattern) + "_*_seq", finding.name);
}

bool is_at(const Finding& finding, std::string_view schema, std::string_view name) {
  if (name == "*" && finding.schema.empty() && is_namespace(finding.kind))
    return glob_matches(schema, finding.name);
  if (!glob_matches(schema, finding.schema)) return false;
  if (finding.parent.empty() && glob_matches(name, finding.name)) return true;
  return (!finding.parent.empty() && glob_matches(name, finding.parent)) || is_own_sequence(finding, name);
}

}  // namespace

std::vector<std::string> ignorable_kinds() {
  std::vector<std::string> names;
  for (const Kind* kind : all_kinds()) {
    names.emplace_back(kind->name);
    if (kind->label != kind->name) names.emplace_back(kind->label);
  }
  return names;
}

bool names_a_kind(std::string_view pattern) {
  return std::ranges::any_of(ignorable_kinds(),
                             [&](const std::string& name) { return glob_matches(pattern, name); });
}

bool fits(const IgnoreRule& rule, const Finding& finding) {
  if (!allows(rule.kind, finding.kind) && !allows(rule.kind, finding.label)) return false;
  return allows(rule.object, dotted({finding.schema, finding.parent, finding.name})) ||
         allows(rule.object, dotted({finding.schema, finding.name})) || allows(rule.object, finding.object());
}

std::string describe(const IgnoreRule& rule) {
  std::string text = rule.kind.empty() ? "any kind" : rule.kind;
  if (!rule.object.empty()) text += " " + rule.object;
  if (!rule.attribute.empty()) text += ", attribute " + rule.attribute;
  return text;
}

IgnoreResult apply(std::vector<Finding>& findings, std::span<const IgnoreRule> rules,
                   std::string_view today) {
  std::ranges::for_each(rules, check);
  IgnoreResult result;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const IgnoreRule& rule = rules[i];
    if (!rule.expires.empty() && rule.expires < today) {
      result.expired.push_back(i);
      result.warnings.push_back("the ignore rule for " + describe(rule) + owned_by(rule) + " expired on " +
                                rule.expires + " and hides nothing any more");
      continue;
    }
    std::size_t count = 0;
    std::erase_if(findings, [&](Finding& finding) {
      const bool hidden = hide(rule, finding, count);
      if (hidden) result.accepted.push_back({finding, describe(rule), rule.reason, rule.expires});
      return hidden;
    });
    if (count > 0) {
      result.hidden.push_back({describe(rule), rule.reason, rule.expires, count});
    } else {
      result.unused.push_back(i);
      result.warnings.push_back("the ignore rule for " + describe(rule) + owned_by(rule) +
                                " matches nothing");
    }
  }
  return result;
}

HiddenFindings hide_objects(std::vector<Finding>& findings, std::span<const std::string> patterns,
                            const std::string& label, const std::string& reason) {
  HiddenFindings hidden{label, reason, {}, 0};
  hidden.count = std::erase_if(findings, [&](const Finding& finding) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
      const std::size_t dot = pattern.find('.');
      if (dot == std::string::npos) return is_at(finding, "*", pattern);
      return is_at(finding, pattern.substr(0, dot), pattern.substr(dot + 1));
    });
  });
  return hidden;
}

}  // namespace plumbline
