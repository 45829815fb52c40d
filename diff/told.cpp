#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "diff/finding.h"
#include "diff/fold.h"
#include "diff/renamed.h"

namespace plumbline {

namespace {

using Verb = Difference::Verb;
using Name = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;

class Told {
 public:
  explicit Told(std::span<const Finding> findings) {
    for (const Finding& finding : findings) {
      const AttributeChange* renaming = renaming_of(finding);
      if (renaming == nullptr) {
        findings_.emplace(Name{finding.kind, finding.schema, finding.parent, finding.name}, &finding);
        continue;
      }
      whole_.insert(finding.label + " " + renaming->expected);
      whole_.insert(finding.label + " " + renaming->actual);
      whole_.insert(finding.implied.begin(), finding.implied.end());
    }
  }

  void take(const Fold& fold) {
    if (whole_.contains(describe(fold.id))) {
      if (fold.head != nullptr) differences.push_back(*fold.head);
      for (const Difference* part : fold.parts) differences.push_back(*part);
      for (const Difference* implied : fold.implied) differences.push_back(*implied);
      return;
    }
    const auto found = findings_.find(
        {fold.id.kind->name, fold.id.schema.view(), fold.id.parent.view(), fold.id.name.view()});
    if (found == findings_.end()) return;
    if (fold.head != nullptr) take(*fold.head, *found->second, {});
    for (const Difference* part : fold.parts) take(*part, *found->second, part->id.kind->reported_as);
    for (const Difference* implied : fold.implied) differences.push_back(*implied);
  }

  std::vector<Difference> differences;

 private:
  static bool tells(const Finding& finding, const std::string& attribute) {
    return std::ranges::find(finding.changes, attribute, &AttributeChange::attribute) !=
           finding.changes.end();
  }

  // `reported_as`: what the object is called as an attribute of its parent; empty: it is told as itself.
  void take(const Difference& difference, const Finding& finding, std::string_view reported_as) {
    if (difference.verb != Verb::changed) {
      if (reported_as.empty() || tells(finding, std::string(reported_as))) differences.push_back(difference);
      return;
    }
    const Kind& kind = *difference.id.kind;
    const auto first = std::ranges::find(kind.attributes, true, &Attribute::compared);
    const auto main = static_cast<std::size_t>(first - kind.attributes.begin());
    Difference left = difference;
    std::erase_if(left.attributes, [&](std::size_t i) {
      std::string name(reported_as);
      if (reported_as.empty() || i != main) {
        if (!name.empty()) name += '_';
        name += kind.attributes[i].name;
      }
      return !tells(finding, name);
    });
    if (!left.attributes.empty()) differences.push_back(std::move(left));
  }

  std::map<Name, const Finding*> findings_;
  std::set<std::string> whole_;  // what renames tell: "column public.t.mail"
};

}  // namespace

std::vector<Difference> told_by(std::span<const Finding> findings, const Snapshot& actual,
                                const Snapshot& expected, std::span<const Difference> differences) {
  Told told(findings);
  for (const Fold& one : fold(actual, expected, differences)) told.take(one);
  std::ranges::sort(told.differences, [](const Difference& a, const Difference& b) { return a.id < b.id; });
  return std::move(told.differences);
}

}  // namespace plumbline
