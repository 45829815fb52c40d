#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/report.h"

namespace plumbline {

inline Finding sample_finding(Difference::Verb verb, const std::string& kind, const std::string& parent,
                              const std::string& name, std::vector<AttributeChange> changes,
                              Class meaning = Class::breaking) {
  Finding finding;
  finding.verb = verb;
  finding.kind = finding.label = kind;
  finding.schema = "public";
  finding.parent = parent;
  finding.name = name;
  finding.name_is_sql = kind == "function";
  finding.changes = std::move(changes);
  finding.meaning = meaning;
  regrade(finding);
  return finding;
}

// No drift, but something of all that is said beside the findings.
inline Report quiet_report() {
  Report report;
  report.tool_version = "0.1.0";
  report.command = "check";
  report.actual = "live database shop on db.example.org";
  report.expected = "migrations in db/migrations at 20250602_090000";
  report.actual_version = report.expected_version = 15;
  report.migrations = "db/migrations";
  report.convention = "plumbline";
  report.at = "20250602_090000";
  report.objects = 412;
  report.seconds = 0.314;
  report.not_compared = {"event triggers (2)", "publications (1)"};
  return report;
}

inline std::vector<Finding> sample_findings() {
  using Verb = Difference::Verb;
  std::vector<Finding> findings;
  findings.push_back(
      sample_finding(Verb::missing, "table", "", "invoices",
                     {{"column_order", "", "id,total", Form::order, Class::cosmetic},
                      {"comment", "", "what was billed | and when", Form::text, Class::cosmetic}},
                     Class::data));
  findings.back().implied = {"column public.invoices.id", "column public.invoices.total",
                             "index public.invoices.invoices_pkey"};
  findings.back().created = Origin{"20250120_140000_schema_orders.sql", 31};
  findings.back().hint = "looks like a rename to \"public.bills\"";
  findings.push_back(sample_finding(
      Verb::changed, "table", "", "orders",
      {{"row_security", "", "true", Form::text, Class::security},
       {"privileges", "shop_app=arwd/owner", "shop_app=arw/owner", Form::text, Class::security}}));
  findings.back().created = Origin{"20250120_140000_schema_orders.sql", 4};
  findings.back().last_changed = Origin{"20250218_120000_security_customers_see_their_orders.sql", 2};
  findings.back().changes[0].since = findings.back().last_changed;
  findings.back().changes[1].since = Origin{"20250131_080000_security_roles.sql", 7};
  findings.push_back(sample_finding(Verb::unexpected, "column", "customers", "Loyalty Tier",
                                    {{"type", "text", "", Form::text, Class::breaking}}, Class::additive));
  findings.push_back(
      sample_finding(Verb::changed, "column", "orders", "currency",
                     {{"default", "'USD'::text", "'EUR'::text", Form::expression, Class::data}}));
  findings.back().created = findings.back().last_changed = Origin{"20250120_140000_schema_orders.sql", 9};
  findings.back().changes[0].since = Origin{"20250303_090000_schema_currency.sql", 5};
  findings.back().cause = "migration edited after it was applied";
  findings.push_back(sample_finding(
      Verb::changed, "function", "", "order_total(bigint)",
      {{"source", "\n  SELECT round(sum(quantity * unit_price), 2)\n  FROM order_lines\n",
        "\n  SELECT round(sum(quantity * unit_price * (1 - discount)), 2)\n  FROM order_lines\n", Form::code,
        Class::breaking}}));
  findings.push_back(
      sample_finding(Verb::changed, "table", "", "customers",
                     {{"comment", "who buys\x1b[31m <b>here</b>", "", Form::text, Class::cosmetic}}));
  return findings;
}

inline Report sample_report() {
  Report report = quiet_report();
  report.findings = sample_findings();
  report.equivalent = 3;
  report.pending = {{"20250714_100000", "20250714_100000_schema_returns.sql"}};
  report.hidden = {{"index public.audit_*", "made by pgaudit", "2026-12-31", 4},
                   {"ledger of dbmate", "", "", 1},
                   {"preset supabase", "made by Supabase", "", 7}};
  report.presets = {"supabase", "pg_cron"};
  report.conditions = {
      {"invalid_index", "index public.orders_by_day", "is not valid: queries do not use it",
       "REINDEX INDEX CONCURRENTLY public.orders_by_day."},
      {"sequence_near_end", "sequence public.\"a | b\"", "has used 93 % of its numbers", ""}};
  report.not_readable = {"user mappings (only their owners may read them)"};
  report.warnings = {"the ignore rule for table public.tmp matches nothing"};
  return report;
}

// The same a day after another run, with all that a page shows.
inline Report later_report() {
  using Verb = Difference::Verb;
  Report report = sample_report();
  report.time = "2026-03-02T06:00:00Z";
  report.previous = "2026-03-01T06:00:00Z";
  for (const Finding& finding : report.findings) {
    report.standings[finding.id] = {Standing::State::known, "2026-02-11T12:00:00Z", 0};
  }
  report.standings[report.findings[0].id] = {Standing::State::fresh, report.time, 0};
  report.standings[report.findings[3].id] = {Standing::State::flapping, "2026-02-20T06:00:00Z", 2};
  report.fixed = {{.id = "plb-0123456789ab",
                   .label = "index",
                   .object = "public.orders.orders_by_day",
                   .verb = Verb::missing,
                   .severity = Severity::medium,
                   .since = "2026-02-11T12:00:00Z",
                   .fixed = report.time}};
  report.accepted = {
      {sample_finding(Verb::unexpected, "index", "audit_log", "audit_log_by_day",
                      {{"definition", "CREATE INDEX ...", "", Form::expression}}, Class::operational),
       "index public.audit_*", "made by pgaudit", "2026-12-31"}};
  report.timeline = {{"20250120_140000_schema_orders.sql", 31, 0, 3},
                     {"20250131_080000_security_roles.sql", 2, 4, 0},
                     {"20250218_120000_security_customers_see_their_orders.sql", 1, 1, 1}};
  report.diagram.nodes = {{"public.invoices", "table", "high", "1 finding"},
                          {"public.orders", "table", "critical", "2 findings"},
                          {"public.customers", "table", "low", "2 findings"},
                          {"public.\"order lines\"", "table", "", ""}};
  report.diagram.edges = {{0, 1}, {1, 2}, {3, 1}};
  return report;
}

}  // namespace plumbline
