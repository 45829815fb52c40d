#include "diff/finding.h"

#include <algorithm>

#include "diff/fold.h"
#include "diff/rename.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

using Verb = Difference::Verb;

std::string value(const std::optional<Object>& object, std::size_t attribute) {
  return object ? std::string(object->values()[attribute].view()) : std::string();
}

// The two sides of one difference.
struct Sides {
  std::optional<Object> actual, expected;

  AttributeChange change(const Attribute& attribute, std::size_t i, std::string name) const {
    return {std::move(name), value(actual, i), value(expected, i), attribute.form, attribute.meaning};
  }
};

class Telling {
 public:
  Telling(const Snapshot& actual, const Snapshot& expected) : actual_(actual), expected_(expected) {}

  Finding tell(const Fold& fold) const {
    Finding finding;
    name(finding, fold.id);
    if (fold.head != nullptr) add_head(finding, *fold.head);
    for (const Difference* part : fold.parts) add_part(finding, *part);
    for (const Difference* implied : fold.implied) {
      if (implied->id.kind->reported_as.empty()) finding.implied.push_back(describe(implied->id));
    }
    regrade(finding);
    return finding;
  }

 private:
  static void name(Finding& finding, const ObjectId& id) {
    finding.kind = id.kind->name;
    finding.label = id.kind->label;
    finding.schema = id.schema.view();
    finding.parent = id.parent.view();
    finding.name = id.name.view();
    finding.name_is_sql = id.kind->name_is_sql;
  }

  Sides sides(const ObjectId& id) const { return {actual_.find(id), expected_.find(id)}; }

  void add_head(Finding& finding, const Difference& head) const {
    finding.verb = head.verb;
    const Kind& kind = *head.id.kind;
    const Sides both = sides(head.id);
    if (head.verb == Verb::changed) {
      for (const std::size_t i : head.attributes) {
        finding.changes.push_back(both.change(kind.attributes[i], i, std::string(kind.attributes[i].name)));
      }
      return;
    }
    finding.meaning = head.verb == Verb::missing ? kind.missing : kind.unexpected;
    for (std::size_t i = 0; i < kind.attributes.size(); ++i) {
      if (!kind.attributes[i].compared) continue;
      AttributeChange change = both.change(kind.attributes[i], i, std::string(kind.attributes[i].name));
      if (!change.actual.empty() || !change.expected.empty()) finding.changes.push_back(std::move(change));
    }
  }

  // Its first compared attribute is what people know by the name; others are told beside it when they differ.
  void add_part(Finding& finding, const Difference& part) const {
    const Kind& kind = *part.id.kind;
    const Sides both = sides(part.id);
    const auto first = std::ranges::find(kind.attributes, true, &Attribute::compared);
    const auto main = static_cast<std::size_t>(first - kind.attributes.begin());
    std::vector<std::size_t> attributes = part.attributes;
    if (part.verb != Verb::changed && main < kind.attributes.size()) attributes = {main};
    for (const std::size_t i : attributes) {
      std::string name(kind.reported_as);
      if (i != main) name.append("_").append(kind.attributes[i].name);
      AttributeChange change = both.change(kind.attributes[i], i, std::move(name));
      if (part.verb == Verb::missing) change.meaning = kind.missing;
      if (part.verb == Verb::unexpected) change.meaning = kind.unexpected;
      finding.changes.push_back(std::move(change));
    }
  }

  const Snapshot& actual_;
  const Snapshot& expected_;
};

// Over texts only, so that every machine and every run comes to the same; twelve digits keep two findings of
// one report apart.
std::string stable_id(const Finding& finding) {
  std::string text;
  const auto put = [&](std::string_view part) { text.append(part).push_back('\0'); };
  for (const std::string_view part :
       {to_string(finding.verb), std::string_view(finding.kind), std::string_view(finding.schema),
        std::string_view(finding.parent), std::string_view(finding.name)}) {
    put(part);
  }
  std::vector<const AttributeChange*> changes;
  for (const AttributeChange& change : finding.changes) changes.push_back(&change);
  std::ranges::sort(changes, {}, &AttributeChange::attribute);
  for (const AttributeChange* change : changes) {
    put(change->attribute);
    put(sha256_hex(change->actual));
    put(sha256_hex(change->expected));
  }
  return "plb-" + sha256_hex(text).substr(0, 12);
}

}  // namespace

std::string Finding::object() const {
  std::string result;
  for (const std::string& part : {schema, parent}) {
    if (!part.empty()) result += quote_identifier(part) + ".";
  }
  return result + (name_is_sql ? name : quote_identifier(name));
}

void regrade(Finding& finding) {
  if (finding.verb == Verb::changed && !finding.changes.empty()) {
    finding.meaning = std::ranges::min(finding.changes, {}, &AttributeChange::meaning).meaning;
  }
  finding.severity = severity_of(finding.meaning);
  finding.id = stable_id(finding);
}

std::vector<Finding> findings(const Snapshot& actual, const Snapshot& expected,
                              std::span<const Difference> differences, const Snapshot* previous) {
  const std::vector<Fold> folds = fold(actual, expected, differences);
  const Telling telling(actual, expected);
  std::vector<Finding> result;
  result.reserve(folds.size());
  for (const Fold& one : folds) result.push_back(telling.tell(one));
  const auto told_of = [&](const ObjectId& id) {
    const auto found = std::ranges::find(folds, id, &Fold::id);
    return found == folds.end() ? nullptr : &result[static_cast<std::size_t>(found - folds.begin())];
  };
  for (const SuspectedRename& rename : suspected_renames(actual, expected, differences, previous)) {
    Finding *missing = told_of(rename.missing), *unexpected = told_of(rename.unexpected);
    if (rename.ambiguous || missing == nullptr || unexpected == nullptr) continue;
    const std::string repair =
        "; if it is one, rename it back: " + rename_command(rename.unexpected, rename.missing);
    missing->hint = "looks like a rename to \"" + unexpected->object() + "\"" + repair;
    unexpected->hint = "looks like a rename of \"" + missing->object() + "\"" + repair;
  }
  return result;
}

}  // namespace plumbline
