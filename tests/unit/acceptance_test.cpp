#include "diff/acceptance.h"

#include <catch2/catch.hpp>

#include "tests/support/sample_report.h"

namespace plumbline {
namespace {

using Verb = Difference::Verb;
using Ids = std::vector<std::string>;

Finding changed(const std::string& name, std::vector<AttributeChange> changes) {
  Finding finding;
  finding.verb = Verb::changed;
  finding.kind = finding.label = "table";
  finding.schema = "public";
  finding.name = name;
  finding.changes = std::move(changes);
  regrade(finding);
  return finding;
}

TEST_CASE("findings of class security are adopted only when each is named") {
  const std::vector<Finding> findings = {
      changed("a", {{"comment", "x", "", Form::text, Class::cosmetic}}),
      changed("b", {{"row_security", "", "true", Form::text, Class::security}}),
      changed("c", {{"privileges", "u: DELETE", "", Form::text, Class::security},
                    {"comment", "x", "", Form::text, Class::cosmetic}})};
  Adoption adoption = split_for_adoption(findings, {});
  CHECK(adoption.free == std::vector<const Finding*>{&findings[0]});
  REQUIRE(adoption.to_be_named == std::vector<const Finding*>{&findings[1], &findings[2]});
  const AdoptionRefusal refusal = refusal_of(adoption, "--accept");
  CHECK(refusal.message == "the migration would make 2 findings of class security official");
  CHECK(refusal.hint == "Name each that is meant to stay:\n  --accept " + findings[1].id +
                            "   changed table public.b, row_security\n  --accept " + findings[2].id +
                            "   changed table public.c, privileges");
  adoption = split_for_adoption(findings, Ids{findings[1].id, "plb-000000000000"});
  CHECK(adoption.to_be_named == std::vector<const Finding*>{&findings[2]});
  CHECK(adoption.unknown == Ids{"plb-000000000000"});
}

TEST_CASE("a new object needs to be named for rights that it gives, not for its owner") {
  Finding finding;
  finding.verb = Verb::unexpected;
  finding.kind = finding.label = "table";
  finding.schema = "public";
  finding.name = "t";
  finding.meaning = Class::additive;
  finding.changes = {{"owner", "app", "", Form::text, Class::security}};
  CHECK(split_for_adoption(std::span(&finding, 1), {}).to_be_named.empty());
  finding.changes.push_back({"privileges", "PUBLIC: SELECT", "", Form::text, Class::security});
  CHECK(split_for_adoption(std::span(&finding, 1), {}).to_be_named.size() == 1);
}

}  // namespace
}  // namespace plumbline
