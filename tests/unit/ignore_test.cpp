#include "diff/ignore.h"

#include <catch2/catch.hpp>

#include "postgres/error.h"

namespace plumbline {
namespace {

using Verb = Difference::Verb;

Finding finding(Verb verb, const std::string& kind, const std::string& schema, const std::string& parent,
                const std::string& name, std::vector<AttributeChange> changes = {}) {
  Finding result;
  result.verb = verb;
  result.kind = result.label = kind;
  result.schema = schema;
  result.parent = parent;
  result.name = name;
  result.changes = std::move(changes);
  regrade(result);
  return result;
}

AttributeChange change(const std::string& attribute, Class meaning) {
  return {attribute, "a", "b", Form::text, meaning};
}

const std::string today = "2026-11-20";

TEST_CASE("a rule without an attribute hides whole findings") {
  std::vector<Finding> findings = {finding(Verb::unexpected, "table", "public", "", "audit_log"),
                                   finding(Verb::missing, "index", "public", "audit_log", "audit_by_day"),
                                   finding(Verb::missing, "table", "public", "", "users")};
  const std::vector<IgnoreRule> rules = {{.object = "public.audit_*", .reason = "made by pgaudit"}};
  const IgnoreResult result = apply(findings, rules, today);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].name == "users");
  REQUIRE(result.hidden.size() == 1);
  CHECK(result.hidden[0].count == 2);
  CHECK(result.hidden[0].reason == "made by pgaudit");
  CHECK(result.warnings.empty());
}

TEST_CASE("a rule of a kind leaves other kinds alone") {
  std::vector<Finding> findings = {finding(Verb::unexpected, "table", "public", "", "t"),
                                   finding(Verb::unexpected, "index", "public", "t", "t_i")};
  apply(findings, std::vector<IgnoreRule>{{.kind = "index", .object = "public.*"}}, today);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].kind == "table");
}

TEST_CASE("a child is found with and without its parent's name") {
  const std::string object = GENERATE("public.t.i", "public.i", "*.i");
  std::vector<Finding> findings = {finding(Verb::missing, "index", "public", "t", "i")};
  apply(findings, std::vector<IgnoreRule>{{.object = object}}, today);
  CHECK(findings.empty());
}

TEST_CASE("a rule of an attribute takes out that change and grades the rest anew") {
  std::vector<Finding> findings = {
      finding(Verb::changed, "table", "public", "", "t",
              {change("privileges", Class::security), change("comment", Class::cosmetic)})};
  const std::string before = findings[0].id;
  const IgnoreResult result =
      apply(findings, std::vector<IgnoreRule>{{.object = "public.*", .attribute = "privileges"}}, today);
  REQUIRE(findings.size() == 1);
  REQUIRE(findings[0].changes.size() == 1);
  CHECK(findings[0].severity == Severity::info);
  CHECK(findings[0].id != before);
  CHECK(result.hidden[0].count == 1);
}

TEST_CASE("a finding whose last change is hidden is hidden") {
  std::vector<Finding> findings = {
      finding(Verb::changed, "table", "public", "", "t", {change("comment", Class::cosmetic)})};
  apply(findings, std::vector<IgnoreRule>{{.attribute = "comm*"}}, today);
  CHECK(findings.empty());
}

TEST_CASE("a rule of an attribute does not hide that an object is missing") {
  std::vector<Finding> findings = {
      finding(Verb::missing, "table", "public", "", "t", {change("comment", Class::cosmetic)})};
  const IgnoreResult result = apply(findings, std::vector<IgnoreRule>{{.attribute = "comment"}}, today);
  CHECK(findings.size() == 1);
  CHECK(result.unused == std::vector<std::size_t>{0});
}

TEST_CASE("an expired rule hides nothing and says so") {
  std::vector<Finding> findings = {finding(Verb::unexpected, "table", "public", "", "t")};
  const std::vector<IgnoreRule> rules = {{.object = "public.t", .owner = "ada", .expires = "2026-11-19"}};
  const IgnoreResult result = apply(findings, rules, today);
  CHECK(findings.size() == 1);
  CHECK(result.expired == std::vector<std::size_t>{0});
  REQUIRE(result.warnings.size() == 1);
  CHECK(result.warnings[0] ==
        "the ignore rule for any kind public.t (owner ada) expired on 2026-11-19 and hides nothing any more");
}

TEST_CASE("a rule holds on its last day") {
  std::vector<Finding> findings = {finding(Verb::unexpected, "table", "public", "", "t")};
  apply(findings, std::vector<IgnoreRule>{{.object = "public.t", .expires = today}}, today);
  CHECK(findings.empty());
}

TEST_CASE("a rule that matches nothing is named") {
  std::vector<Finding> findings;
  const IgnoreResult result =
      apply(findings, std::vector<IgnoreRule>{{.kind = "index", .object = "x.y"}}, today);
  REQUIRE(result.warnings.size() == 1);
  CHECK(result.warnings[0] == "the ignore rule for index x.y matches nothing");
}

TEST_CASE("an expiry that is no date is an error") {
  std::vector<Finding> findings;
  const std::string date = GENERATE("31.12.2026", "2026-13-01", "2026-1-1", "soon");
  const std::vector<IgnoreRule> rules = {{.object = "x", .expires = date}};
  CHECK_THROWS_AS(apply(findings, rules, today), Error);
}

TEST_CASE("a ledger's table is hidden with its parts and its sequence") {
  std::vector<Finding> findings = {finding(Verb::unexpected, "table", "public", "", "ledger"),
                                   finding(Verb::unexpected, "index", "public", "ledger", "ledger_pkey"),
                                   finding(Verb::unexpected, "sequence", "public", "", "ledger_id_seq"),
                                   finding(Verb::unexpected, "table", "public", "", "ledgers"),
                                   finding(Verb::unexpected, "table", "other", "", "ledger")};
  const auto hidden = hide_objects(findings, std::vector<std::string>{"public.ledger"}, "ledger of x");
  CHECK(hidden.count == 3);
  CHECK(hidden.rule == "ledger of x");
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].name == "ledgers");
  CHECK(findings[1].schema == "other");
}

TEST_CASE("a whole schema is hidden with the schema itself") {
  std::vector<Finding> findings = {finding(Verb::unexpected, "schema", "", "", "drizzle"),
                                   finding(Verb::unexpected, "extension", "", "", "drizzle"),
                                   finding(Verb::changed, "function", "drizzle", "", "f()"),
                                   finding(Verb::unexpected, "schema", "", "", "drizzle2")};
  const auto hidden = hide_objects(findings, std::vector<std::string>{"drizzle.*"}, "ledger of drizzle");
  CHECK(hidden.count == 2);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].kind == "extension");
  CHECK(findings[1].name == "drizzle2");
}

}  // namespace
}  // namespace plumbline
