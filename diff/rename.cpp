#include "diff/rename.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "postgres/text.h"

namespace plumbline {

namespace {

using Verb = Difference::Verb;

bool belongs_to_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         byte >= 0x80;
}

// The text with a name, where it stands as a word of its own, taken out.
std::string without_word(std::string_view text, std::string_view word) {
  std::string result;
  std::size_t from = 0;
  for (std::size_t at = text.find(word); !word.empty() && at != std::string_view::npos;
       at = text.find(word, at + word.size())) {
    const std::size_t end = at + word.size();
    const bool whole =
        (at == 0 || !belongs_to_word(text[at - 1])) && (end == text.size() || !belongs_to_word(text[end]));
    if (!whole || at < from) continue;
    result.append(text.substr(from, at - from)).push_back('\x01');
    from = end;
  }
  return result.append(text.substr(from));
}

// Everything of a fold but one word of its head's name.
class Likeness {
 public:
  Likeness(const Snapshot& snapshot, std::string_view word) : snapshot_(snapshot), word_(word) {}

  std::string of(const Fold& fold) const {
    std::vector<std::string> texts;
    for (const Difference* implied : fold.implied) texts.push_back(text(implied->id));
    std::ranges::sort(texts);
    return sha256_hex(text(fold.id) + "\n" + join(texts, "\n"));
  }

 private:
  std::string text(const ObjectId& id) const {
    std::string result;
    const auto put = [&](std::string_view part) { result.append(without_word(part, word_)).push_back('\0'); };
    put(id.kind->name);
    for (const Symbol part : {id.schema, id.parent, id.name}) put(part.view());
    const auto object = snapshot_.find(id);
    if (!object) return result;
    for (std::size_t i = 0; i < id.kind->attributes.size(); ++i) {
      put(id.kind->attributes[i].compared ? object->values()[i].view() : std::string_view());
    }
    return result;
  }

  const Snapshot& snapshot_;
  std::string_view word_;
};

struct Candidates {
  std::vector<std::size_t> missing, unexpected;
  bool both() const { return !missing.empty() && !unexpected.empty(); }
};

// What a rename leaves as it is: kind, schema and parent, or kind, parent and name.
using Place = std::tuple<const Kind*, std::string_view, std::string_view, std::string_view>;

class Search {
 public:
  Search(const Snapshot& actual, const Snapshot& expected, std::span<const Fold> folds)
      : actual_(actual), expected_(expected), folds_(folds), taken_(folds.size(), false) {}

  // `changing` is the part of the id that a rename of this sort changes.
  void run(Symbol ObjectId::*changing) {
    std::map<Place, Candidates> places;
    for (std::size_t i = 0; i < folds_.size(); ++i) {
      if (is_candidate(i, changing)) add(places[place(folds_[i].id, changing)], i);
    }
    for (const auto& [place, candidates] : places) {
      if (candidates.both()) match(candidates, changing);
    }
  }

  std::vector<Rename> renames;

 private:
  bool is_candidate(std::size_t i, Symbol ObjectId::*changing) const {
    const Difference* head = folds_[i].head;
    return head != nullptr && head->verb != Verb::changed && !taken_[i] && !(head->id.*changing).empty();
  }

  static Place place(const ObjectId& id, Symbol ObjectId::*changing) {
    ObjectId rest = id;
    rest.*changing = Symbol();
    return {id.kind, rest.schema.view(), rest.parent.view(), rest.name.view()};
  }

  void add(Candidates& candidates, std::size_t i) const {
    (folds_[i].head->verb == Verb::missing ? candidates.missing : candidates.unexpected).push_back(i);
  }

  void match(const Candidates& candidates, Symbol ObjectId::*changing) {
    std::map<std::string, Candidates> alike;
    for (const auto& list : {candidates.missing, candidates.unexpected}) {
      for (const std::size_t i : list) {
        const Snapshot& side = folds_[i].head->verb == Verb::missing ? expected_ : actual_;
        add(alike[Likeness(side, (folds_[i].id.*changing).view()).of(folds_[i])], i);
      }
    }
    for (const auto& [likeness, pair] : alike) {
      if (pair.missing.size() != 1 || pair.unexpected.size() != 1) continue;
      renames.push_back({pair.missing.front(), pair.unexpected.front()});
      taken_[pair.missing.front()] = taken_[pair.unexpected.front()] = true;
    }
  }

  const Snapshot& actual_;
  const Snapshot& expected_;
  std::span<const Fold> folds_;
  std::vector<bool> taken_;
};

}  // namespace

std::vector<Rename> likely_renames(const Snapshot& actual, const Snapshot& expected,
                                   std::span<const Fold> folds) {
  Search search(actual, expected, folds);
  search.run(&ObjectId::name);
  search.run(&ObjectId::schema);
  return std::move(search.renames);
}

}  // namespace plumbline
