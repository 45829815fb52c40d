#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace plumbline {

// "1 index", "3 indexes"; the plural is the singular with an s unless given.
std::string counted(std::size_t count, std::string_view singular, std::string_view plural = {});

// "a, b, c, d, e and 3 more"
std::string few_of(const std::vector<std::string>& items);

// "drift", "no drift"; for two states of any sort "different", "no difference".
std::string_view verdict(const Report& report);

// What the verdict is about: "3 findings (1 critical, 2 low)" or "412 objects".
std::string verdict_counts(const Report& report);

// "1 critical, 2 low"; empty when nothing was found.
std::string severity_counts(const Report& report);

// "live database shop against migrations in db/migrations at 20250121093000"
std::string compared_states(const Report& report);

// What the actual side is called beside a value: "live" for a check, "actual" for a comparison of any two
// states.
std::string_view actual_word(const Report& report);

// "0003_orders.sql:12"
std::string place(const Origin& origin);

// "created in 0003_orders.sql:12", "last changed in 0009_totals.sql:4": as far as known, once when they are
// the same.
std::vector<std::string> history(const Finding& finding);

// Where an attribute got its expected value, when history() does not say the same; empty: nothing to add.
std::string place_of_its_own(const Finding& finding, const AttributeChange& change);

// Where the expected side of a finding comes from, for where there is room for one place only; empty:
// unknown.
std::string last_place(const Finding& finding);

// "changed table public.orders"
// "missing", "unexpected", "changed", or "renamed": a change of the name.
std::string_view verb_word(const Finding& finding);
// ", expected email" of what was renamed; else nothing.
std::string expected_name_after(const Finding& finding);
std::string summary_of(const Finding& finding);
std::string summary_of(const FixedFinding& fixed);

// What was fixed since the last run.
std::vector<FixedFinding> fixed_now(const Report& report);

// "since the run of 2026-02-01 06:00 UTC: 1 new, 6 known, 2 fixed"; empty without a run before.
std::string news_of(const Report& report);

// "2026-02-01 06:00 UTC" for "2026-02-01T06:00:00Z"
std::string shown_time(std::string_view time);

// Where a finding's expected side stands in the repository: the directory of the migrations and the file in
// it, or the directory alone.
Origin place_in_repository(const Finding& finding, const Report& report);

// The findings, gravest first, else in the order they have.
std::vector<const Finding*> by_severity(const Report& report);

// What goes with a finding, in few words: names when they are few, else counts: "12 columns, 2 indexes".
std::string implied_summary(const Finding& finding);

// A value for people: where the other side says "true", nothing means "false", else "(none)".
std::string shown_value(const std::string& value, const std::string& other);

// Whether a value is to be shown as lines, not beside its name.
bool is_block(const AttributeChange& change);

// A block as lines with "-" (expected), "+" (actual) and " ": a unified diff when both sides are there.
std::string block_diff(const AttributeChange& change);

// "row security" for "row_security"
std::string words(std::string_view name);

}  // namespace plumbline
