#include "diff/acceptance.h"

#include <algorithm>

namespace plumbline {

namespace {

bool is_of_security(const Finding& finding) {
  // Each new object has an owner, and row security that is on takes no right from anybody; rights that were
  // given are another matter.
  const auto is_grave = [&](const AttributeChange& change) {
    return change.meaning == Class::security &&
           (finding.verb == Difference::Verb::changed || change.attribute == "privileges");
  };
  return finding.meaning == Class::security || std::ranges::any_of(finding.changes, is_grave);
}

}  // namespace

Adoption split_for_adoption(std::span<const Finding> findings, std::span<const std::string> named) {
  Adoption adoption;
  for (const Finding& finding : findings) {
    const bool is_named = std::ranges::find(named, finding.id) != named.end();
    (is_of_security(finding) && !is_named ? adoption.to_be_named : adoption.free).push_back(&finding);
  }
  for (const std::string& id : named) {
    if (std::ranges::find(findings, id, &Finding::id) == findings.end()) adoption.unknown.push_back(id);
  }
  return adoption;
}

AdoptionRefusal refusal_of(const Adoption& adoption, std::string_view flag) {
  AdoptionRefusal refusal;
  const std::size_t count = adoption.to_be_named.size();
  refusal.message = "the migration would make " + std::to_string(count) +
                    (count == 1 ? " finding" : " findings") + " of class security official";
  refusal.hint = "Name each that is meant to stay:";
  for (const Finding* finding : adoption.to_be_named) {
    refusal.hint += "\n  " + std::string(flag) + " " + finding->id + "   " +
                    std::string(to_string(finding->verb)) + " " + finding->label + " " + finding->object();
    for (const AttributeChange& change : finding->changes) {
      if (change.meaning == Class::security) refusal.hint += ", " + change.attribute;
    }
  }
  return refusal;
}

}  // namespace plumbline
