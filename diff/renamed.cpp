#include "diff/renamed.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "diff/fold.h"
#include "diff/rename.h"
#include "diff/shape.h"
#include "postgres/text.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

using Verb = Difference::Verb;

// One word under the old and the new name, as SQL writes it.
struct Word {
  std::string actual, expected;
};

// What a text of live would be under the expected name. The server keeps the name that a query gave to what
// it read: "mail AS email", "FROM public.people users" (ruleutils.c, get_target_list and get_rte_alias).
std::string under_expected_name(std::string text, const Word& word) {
  if (word.actual.empty()) return text;
  for (const std::string_view between : {" AS ", " "}) {
    const std::string renamed = word.actual + std::string(between) + word.expected;
    text = with_word(text, renamed, word.expected);
  }
  return with_word(text, word.actual, word.expected);
}

// A word, a quoted identifier, or one other character.
std::string_view next_token(std::string_view text) {
  if (text.starts_with('"')) {
    const std::size_t end = text.find('"', 1);
    return end == text.npos ? text : text.substr(0, end + 1);
  }
  std::size_t end = 0;
  while (end < text.size() && is_of_word(text[end])) ++end;
  return text.substr(0, std::max<std::size_t>(end, 1));
}

bool begins_with_name(std::string_view text, std::string_view name) {
  return text.starts_with(name) && (text.size() == name.size() || !is_of_word(text[name.size()]));
}

// Whether the text of live is the expected one but for names that were renamed. What else has the old name
// and kept it (a column of another table) is no difference.
bool differ_only_by(std::string_view actual, std::string_view expected, const std::vector<Word>& words) {
  while (!actual.empty() && !expected.empty()) {
    const std::string_view live = next_token(actual), promised = next_token(expected);
    if (live == promised) {
      actual.remove_prefix(live.size());
      expected.remove_prefix(promised.size());
      continue;
    }
    const auto word = std::ranges::find_if(words, [&](const Word& one) {
      return begins_with_name(actual, one.actual) && begins_with_name(expected, one.expected);
    });
    if (word == words.end()) return false;
    expected.remove_prefix(word->expected.size());
    std::size_t taken = word->actual.size();
    for (const std::string_view between : {" AS ", " "}) {
      const std::string kept = word->actual + std::string(between) + word->expected;
      if (begins_with_name(actual, kept)) taken = std::max(taken, kept.size());
    }
    actual.remove_prefix(taken);
  }
  return actual.empty() && expected.empty();
}

struct FoldedRename {
  const Fold* missing = nullptr;
  const Fold* unexpected = nullptr;
  Word word;
};

class RenameFolding {
 public:
  RenameFolding(std::vector<Finding>& findings, const Snapshot& actual, const Snapshot& expected,
                std::span<const Difference> differences)
      : findings_(findings),
        actual_(actual),
        expected_(expected),
        folds_(fold(actual, expected, differences)) {
    for (const Fold& one : folds_) by_id_.emplace(one.id, &one);
  }

  void run(const std::vector<SuspectedRename>& suspected) {
    for (const SuspectedRename& one : suspected) {
      if (!one.likely || one.ambiguous) continue;
      const Fold *missing = fold_of(one.missing), *unexpected = fold_of(one.unexpected);
      if (missing == nullptr || unexpected == nullptr ||
          !correspond(*missing, *unexpected, word_of_pair(one)))
        continue;
      Finding *gone = finding_of(*missing), *come = finding_of(*unexpected);
      if (gone == nullptr || come == nullptr) continue;
      become_one(*come, *gone, {missing, unexpected, word_of_pair(one)});
      std::erase_if(findings_, [&](const Finding& finding) { return &finding == gone; });
    }
    if (!renames_.empty()) fold_dependants();
  }

 private:
  static Word word_of_pair(const SuspectedRename& one) {
    const bool moved = one.missing.schema != one.unexpected.schema;
    if (moved) return {qualified(one.unexpected), qualified(one.missing)};
    const auto word = [](const ObjectId& id) {
      const std::string_view name = id.name.view();
      return id.kind->name_is_sql ? std::string(name.substr(0, name.find('('))) : quote_identifier(name);
    };
    return {word(one.unexpected), word(one.missing)};
  }

  const Fold* fold_of(const ObjectId& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() || found->second->head == nullptr ? nullptr : found->second;
  }

  Finding* finding_of(const Fold& fold) {
    const auto found = std::ranges::find_if(findings_, [&](const Finding& one) {
      return one.verb == fold.head->verb && one.kind == fold.id.kind->name &&
             one.name == fold.id.name.view() && one.schema == fold.id.schema.view() &&
             one.parent == fold.id.parent.view();
    });
    return found == findings_.end() ? nullptr : &*found;
  }

  // What goes with each of the two, under names that the rename does not change, is the same on both sides.
  bool correspond(const Fold& missing, const Fold& unexpected, const Word& word) const {
    return texts_of(missing, expected_, {}) == texts_of(unexpected, actual_, word);
  }

  // Of what is told as an attribute of the object itself the differences can be told.
  std::multiset<std::string> texts_of(const Fold& fold, const Snapshot& snapshot, const Word& word) const {
    std::multiset<std::string> texts;
    for (const Difference* implied : fold.implied) {
      if (is_own_attribute(*implied, fold) || is_name_alone(implied->id, snapshot)) continue;
      texts.insert(text_of(implied->id, snapshot, fold.id, word));
    }
    return texts;
  }

  // What it is on is its first attribute.
  static bool is_name_alone(const ObjectId& id, const Snapshot& snapshot) {
    const auto object = id.kind->named_after_place ? snapshot.find(id) : std::nullopt;
    return object && std::ranges::all_of(object->values().subspan(1), &Symbol::empty);
  }

  // An object that only live lists, for a name that was the server's choice before the rename.
  bool is_name_alone(const Finding& finding, const FoldedRename& rename) const {
    const Kind* kind = find_kind(finding.kind);
    const ObjectId& id = rename.unexpected->id;
    if (finding.verb != Verb::unexpected || !kind->named_after_place || finding.changes.empty()) return false;
    const bool of_its_table = finding.schema == id.schema.view() && finding.parent == id.parent.view();
    return of_its_table && finding.changes.front().actual == rename.word.actual &&
           std::ranges::all_of(finding.changes.begin() + 1, finding.changes.end(),
                               [](const AttributeChange& change) { return change.actual.empty(); });
  }

  static bool is_own_attribute(const Difference& difference, const Fold& fold) {
    const ObjectId& id = difference.id;
    return !id.kind->reported_as.empty() && id.schema == fold.id.schema && id.parent == fold.id.parent &&
           id.name == fold.id.name;
  }

  static std::string text_of(const ObjectId& id, const Snapshot& snapshot, const ObjectId& top,
                             const Word& word) {
    std::string text(id.kind->name);
    const auto put = [&](std::string_view part) { text.append(1, '\0').append(part); };
    const Symbol schema = top.kind->is_namespace ? top.name : top.schema;
    put(id.schema == schema ? std::string_view() : id.schema.view());
    put(!top.kind->is_namespace && id.parent == top.name ? std::string_view() : id.parent.view());
    put(id.name.view());
    const auto object = snapshot.find(id);
    for (std::size_t i = 0; object && i < id.kind->attributes.size(); ++i) {
      if (id.kind->attributes[i].compared)
        put(under_expected_name(std::string(object->values()[i].view()), word));
    }
    return text;
  }

  void become_one(Finding& come, const Finding& gone, const FoldedRename& rename) {
    const Kind& kind = *rename.missing->id.kind;
    std::map<std::string, AttributeChange> changes;
    for (const AttributeChange& one : gone.changes)
      changes.emplace(one.attribute, one).first->second.actual = {};
    for (const AttributeChange& one : come.changes) {
      const auto [found, added] = changes.emplace(one.attribute, one);
      found->second.actual = one.actual;
    }
    add_own_attributes(rename, changes);
    AttributeChange name{std::string(renamed_attribute), qualified(rename.unexpected->id),
                         qualified(rename.missing->id), Form::text, kind.missing};
    name.since = gone.created;
    come.changes = {name};
    for (auto& [attribute, change] : changes) {
      const bool order = change.form == Form::order;
      const bool same = order ? same_order(change.actual, change.expected)
                              : under_expected_name(change.actual, rename.word) == change.expected;
      if (!same && !is_unknown(change.actual) && !is_unknown(change.expected))
        come.changes.push_back(std::move(change));
    }
    come.verb = Verb::changed;
    come.created = gone.created;
    come.last_changed = gone.last_changed;
    come.implied.clear();
    come.hint = "looks like a rename; if it is one, rename it back: " +
                rename_command(rename.unexpected->id, rename.missing->id);
    renames_.push_back(rename);
    regrade(come);
    titles_.push_back(come.id);
  }

  // A column's default.
  void add_own_attributes(const FoldedRename& rename, std::map<std::string, AttributeChange>& changes) const {
    const auto add = [&](const Fold& fold, const Snapshot& snapshot, std::string AttributeChange::*side) {
      for (const Difference* implied : fold.implied) {
        const auto object = is_own_attribute(*implied, fold) ? snapshot.find(implied->id) : std::nullopt;
        for (std::size_t i = 0; object && i < implied->id.kind->attributes.size(); ++i) {
          const Attribute& attribute = implied->id.kind->attributes[i];
          if (!attribute.compared) continue;
          std::string name(implied->id.kind->reported_as);
          if (i > 0) name.append("_").append(attribute.name);
          AttributeChange& change = changes[name];
          change.attribute = name;
          change.form = attribute.form;
          change.meaning = attribute.meaning;
          change.*side = object->values()[i].view();
        }
      }
    };
    add(*rename.missing, expected_, &AttributeChange::expected);
    add(*rename.unexpected, actual_, &AttributeChange::actual);
  }

  // Whether a finding is about something that the rename can have changed: a part of the same table, or a
  // text that names the object or what it is a part of.
  bool is_about(const Finding& finding, const FoldedRename& rename) const {
    const ObjectId& id = rename.unexpected->id;
    if (finding.schema == id.schema.view() &&
        (finding.parent == id.parent.view() || finding.name == id.parent.view()) && !id.parent.empty())
      return true;
    const std::string around = quote_identifier(id.parent.empty() ? id.name.view() : id.parent.view());
    return std::ranges::any_of(finding.changes, [&](const AttributeChange& change) {
      return with_word(change.actual, around, {}) != change.actual;
    });
  }

  void fold_dependants() {
    std::vector<Finding> left;
    for (Finding& finding : findings_) {
      const std::size_t cause = cause_of(finding);
      if (cause == renames_.size()) {
        left.push_back(std::move(finding));
      } else {
        implied_[titles_[cause]].push_back(finding.label + " " + finding.object());
      }
    }
    findings_ = std::move(left);
    for (Finding& finding : findings_) {
      const auto more = implied_.find(finding.id);
      if (more != implied_.end()) finding.implied = more->second;
    }
  }

  // The last of the renames that explain the finding; their number when none does.
  std::size_t cause_of(const Finding& finding) const {
    for (std::size_t i = 0; i < renames_.size(); ++i) {
      if (is_name_alone(finding, renames_[i])) return i;
    }
    if (finding.verb != Verb::changed || renaming_of(finding) != nullptr) return renames_.size();
    std::size_t last = renames_.size();
    std::vector<Word> words;
    for (std::size_t i = 0; i < renames_.size(); ++i) {
      if (!is_about(finding, renames_[i])) continue;
      last = i;
      words.push_back(renames_[i].word);
    }
    const bool explained = std::ranges::all_of(finding.changes, [&](const AttributeChange& change) {
      return differ_only_by(change.actual, change.expected, words);
    });
    return explained ? last : renames_.size();
  }

  std::vector<Finding>& findings_;
  const Snapshot& actual_;
  const Snapshot& expected_;
  std::vector<Fold> folds_;
  std::map<ObjectId, const Fold*> by_id_;
  std::vector<FoldedRename> renames_;
  std::vector<std::string> titles_;                          // the ids of their findings
  std::map<std::string, std::vector<std::string>> implied_;  // by the id of the finding
};

}  // namespace

const AttributeChange* renaming_of(const Finding& finding) {
  if (finding.verb != Verb::changed) return nullptr;
  const auto found = std::ranges::find(finding.changes, renamed_attribute, &AttributeChange::attribute);
  return found == finding.changes.end() ? nullptr : &*found;
}

std::string expected_name(const Finding& finding) {
  const AttributeChange* change = renaming_of(finding);
  if (change == nullptr) return {};
  std::string prefix;
  for (const std::string& part : {finding.schema, finding.parent}) {
    if (!part.empty()) prefix += quote_identifier(part) + ".";
  }
  return change->expected.starts_with(prefix) ? change->expected.substr(prefix.size()) : change->expected;
}

void fold_renames(std::vector<Finding>& findings, const Snapshot& actual, const Snapshot& expected,
                  std::span<const Difference> differences, const Snapshot* previous) {
  const std::vector<SuspectedRename> suspected = suspected_renames(actual, expected, differences, previous);
  if (suspected.empty()) return;
  RenameFolding(findings, actual, expected, differences).run(suspected);
}

}  // namespace plumbline
