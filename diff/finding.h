#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diff/compare.h"
#include "snapshot/kind.h"
#include "snapshot/snapshot.h"

namespace plumbline {

enum class Severity { info, low, medium, high, critical };
// The gravest first, as reports list them.
inline constexpr auto all_severities = std::to_array<Severity>(
    {Severity::critical, Severity::high, Severity::medium, Severity::low, Severity::info});

std::string_view to_string(Severity severity);
std::string_view to_string(Class meaning);
std::string_view to_string(Difference::Verb verb);
std::optional<Severity> severity_from(std::string_view text);
Severity severity_of(Class meaning);

// Where the expected side of something comes from.
struct Origin {
  std::string file;  // relative to the migrations directory; "prelude" for the prelude
  int line = 0;      // 1-based
  friend bool operator==(const Origin&, const Origin&) = default;
};

struct AttributeChange {
  std::string attribute;  // "storage_parameters"
  std::string actual;     // empty: absent
  std::string expected;
  Form form = Form::text;
  Class meaning = Class::breaking;
  std::optional<Origin> since = {};  // which statement gave the expected value; nothing: not known
};

// One thing a person is told: a difference with all that is known of it. Texts only, so that a saved report
// reads back without a database, a kind table or a snapshot.
struct Finding {
  std::string id;  // stable: the same difference has the same id in every run and on every machine
  Difference::Verb verb = Difference::Verb::changed;
  std::string kind;   // "materialized_view"
  std::string label;  // "materialized view"
  std::string schema, parent, name;
  bool name_is_sql = false;         // the name is SQL as it stands (a routine with its argument types)
  Class meaning = Class::breaking;  // the gravest of its changes
  Severity severity = Severity::medium;
  std::vector<AttributeChange>
      changes;  // when changed; for missing and unexpected: its attributes, for the details
  std::vector<std::string> implied;             // what goes with it: "index public.orders_by_day"
  std::optional<Origin> created, last_changed;  // of the expected side
  std::string hint;                             // "looks like a rename of ..."; empty: none
  std::string cause;           // "migration edited after it was applied", where it is known; empty: unknown
  std::string object() const;  // "public.orders.total": quoted where SQL would
};

// The differences as findings: what is implied by the difference of a parent is folded into it, what people
// see as an attribute of the parent (a column's default) is told as one.
std::vector<Finding> findings(const Snapshot& actual, const Snapshot& expected,
                              std::span<const Difference> differences, const Snapshot* previous = nullptr);

// Those of the differences that the findings, of which some may have been taken out since, still tell. A
// finding that tells a rename (diff/renamed.h) stands for both of its objects and what follows from it.
std::vector<Difference> told_by(std::span<const Finding> findings, const Snapshot& actual,
                                const Snapshot& expected, std::span<const Difference> differences);

// Class, severity and id anew, for a finding that lost or gained changes. An object that is missing or
// unexpected keeps its class.
void regrade(Finding& finding);

}  // namespace plumbline
