#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diff/finding.h"

namespace plumbline {

// One [[ignore]] of plumbline.toml. Patterns are globs; an empty one matches all.
struct IgnoreRule {
  std::string kind{};       // "index" or "materialized view"
  std::string object{};     // schema.parent.name or schema.name, unquoted: "public.audit_*"
  std::string attribute{};  // empty: the whole finding; else only this difference of a changed object
  std::string reason{}, owner{};
  std::string expires{};  // the last day it hides anything, ISO date; empty: never
};

// What `kind` of a rule may say: the names of all kinds, and their labels where these differ.
std::vector<std::string> ignorable_kinds();

// Whether the pattern fits any of them.
bool names_a_kind(std::string_view pattern);

// Whether it is about this finding, whatever attribute it names.
bool fits(const IgnoreRule& rule, const Finding& finding);

// "index public.audit_*, attribute comment": for people.
std::string describe(const IgnoreRule& rule);

// Findings that a rule or a preset kept out of the report.
struct HiddenFindings {
  std::string rule;  // as written in plumbline.toml, or "preset supabase", or "ledger of flyway"
  std::string reason;
  std::string expires;  // ISO date, empty: never
  std::size_t count = 0;
};

// A whole finding that a rule of plumbline.toml keeps out.
struct AcceptedFinding {
  Finding finding;
  std::string rule, reason;
  std::string expires;  // ISO date, empty: never
};

struct IgnoreResult {
  std::vector<HiddenFindings> hidden;  // of the rules that hid something, in their order
  std::vector<AcceptedFinding> accepted;
  std::vector<std::size_t> unused;    // places of the rules that matched nothing
  std::vector<std::size_t> expired;   // places of the rules that hide nothing any more
  std::vector<std::string> warnings;  // the same for people
};

// Takes out of `findings` what the rules hide; each finding or change is counted by the first rule that hides
// it. `today` is an ISO date. Throws Error for a rule whose expiry is no date.
IgnoreResult apply(std::vector<Finding>& findings, std::span<const IgnoreRule> rules, std::string_view today);

// Takes out what is at or under the objects: "schema.name" with its children and its own sequences,
// "schema.*" with the schema itself. Globs may be used in either part.
HiddenFindings hide_objects(std::vector<Finding>& findings, std::span<const std::string> patterns,
                            const std::string& label, const std::string& reason = {});

}  // namespace plumbline
