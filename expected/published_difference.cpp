#include "expected/published_difference.h"

#include <algorithm>

#include "postgres/text.h"

namespace plumbline {

namespace {

using Key = std::vector<std::string>;
using Values = PublishedRows::Values;

bool contains(const Values& values, std::string_view text) {
  return std::ranges::any_of(values,
                             [&](const auto& value) { return value && value->find(text) != value->npos; });
}

std::string told(const Values& values) {
  constexpr std::size_t limit = 300;
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(value ? *value : "NULL");
  std::string result = join(texts, " | ");
  if (result.size() > limit) result = result.substr(0, utf8_offset(result, limit)) + "...";
  return result;
}

// A row by its key: "columns public.orders.total".
std::string told(const PublishedRows& rows, const Key& key) {
  return std::string(rows.view->name) + " " + join(key, ".");
}

class Comparer {
 public:
  Comparer(const InformationSchema& actual, const InformationSchema& expected,
           const PublishedComparison& options)
      : actual_(actual), expected_(expected), options_(options) {}

  PublishedDifference run() {
    for (const PublishedView& view : published_views()) compare_view(view);
    result_.respelled = respelled_.size();
    if (result_.respelled > options_.respelled) {
      result_.lines.insert(result_.lines.end(), respelled_lines_.begin(), respelled_lines_.end());
    }
    note_unseen("actual", actual_, unseen_by_actual_);
    note_unseen("expected", expected_, unseen_by_expected_);
    for (const InformationSchema* side : {&actual_, &expected_}) {
      for (const std::string& name : side->unknown) note(name + ", which plumbline does not know");
    }
    return std::move(result_);
  }

 private:
  bool one_major() const { return actual_.version == expected_.version; }

  void note_unseen(const std::string& which, const InformationSchema& side, std::size_t count) {
    if (count == 0) return;
    note(std::to_string(count) + " rows and values that the role \"" + side.role + "\" is not shown on the " +
         which + " side, since it lacks the rights");
  }

  std::size_t& unseen_by(const InformationSchema& side) {
    return &side == &actual_ ? unseen_by_actual_ : unseen_by_expected_;
  }

  void note(const std::string& text) {
    if (std::ranges::find(result_.not_compared, text) == result_.not_compared.end())
      result_.not_compared.push_back(text);
  }

  void compare_view(const PublishedView& view) {
    const auto actual = actual_.views.find(view.name), expected = expected_.views.find(view.name);
    if (actual == actual_.views.end() || expected == expected_.views.end()) return;
    if (!one_major() && !view.one_major.empty()) {
      return note("the view " + std::string(view.name) + ": " + std::string(view.one_major));
    }
    for (const auto& [key, values] : expected->second.rows) {
      const auto same = actual->second.rows.find(key);
      if (same == actual->second.rows.end()) {
        missing(expected->second, key, values, actual_, '-');
      } else if (!is_hidden(expected->second, key, values) && !is_hidden(actual->second, key, same->second)) {
        ++result_.rows;
        compare_row(key, {actual->second, same->second}, {expected->second, values});
      }
    }
    for (const auto& [key, values] : actual->second.rows) {
      if (!expected->second.rows.contains(key)) missing(actual->second, key, values, expected_, '+');
    }
  }

  // Whether the role of that side is shown the row, if it is there.
  static bool is_shown(const PublishedRows& rows, const Key& key, const InformationSchema& side) {
    const std::string_view grantor = rows.value(key, "grantor"), grantee = rows.value(key, "grantee");
    if (!grantor.empty()) {
      if (grantee == "PUBLIC" || side.roles.contains(grantor) || side.roles.contains(grantee)) return true;
      return !side.subjects.contains(rows.subject(key));
    }
    const auto subject = side.subjects.find(rows.subject(key));
    return subject == side.subjects.end() || subject->second.owned;
  }

  void missing(const PublishedRows& rows, const Key& key, const std::vector<Values>& values,
               const InformationSchema& where, char sign) {
    if (is_hidden(rows, key, values)) return;
    if (!is_shown(rows, key, where)) {
      ++unseen_by(where);
      return;
    }
    result_.lines.push_back(std::string(1, sign) + " " + told(rows, key));
  }

  struct Side {
    const PublishedRows& rows;
    const std::vector<Values>& values;
  };

  void compare_row(const Key& key, const Side& actual, const Side& expected) {
    for (std::size_t i = 0; i < expected.rows.facts.size(); ++i) {
      const std::string_view column = expected.rows.facts[i];
      const auto other = std::ranges::find(actual.rows.facts, column);
      if (other == actual.rows.facts.end()) continue;  // only one of the majors has it
      const Values& said = actual.values[static_cast<std::size_t>(other - actual.rows.facts.begin())];
      if (said == expected.values[i] || is_no_difference(key, expected.rows, i, {said, expected.values[i]}))
        continue;
      const std::string head = told(expected.rows, key) + ": " + std::string(column) + " ";
      std::vector<std::string>& lines =
          is_respelled(expected.rows, key, i) ? respelled_lines_ : result_.lines;
      lines.push_back("- " + head + told(expected.values[i]));
      lines.push_back("+ " + head + told(said));
    }
  }

  struct Both {
    const Values &actual, &expected;
  };

  bool is_no_difference(const Key& key, const PublishedRows& rows, std::size_t fact, const Both& both) {
    const auto is_null = [](const Values& values) { return values == Values{std::nullopt}; };
    const Published use = rows.uses[fact];
    if (use == Published::arrangement) return true;
    if (rows.facts[fact] == "is_grantable") return is_heir(rows.value(key, "grantee"));
    const Subject subject = rows.subject(key);
    if (is_null(both.actual) != is_null(both.expected)) {
      const InformationSchema& side = is_null(both.actual) ? actual_ : expected_;
      const auto found = side.subjects.find(subject);
      const bool unseen = found != side.subjects.end() && !found->second.owned;
      if (unseen) ++unseen_by(side);
      return unseen;
    }
    if (use == Published::presence) return true;
    if (use != Published::spelling || one_major()) return false;
    note("expressions, which PostgreSQL " + std::to_string(actual_.version) + " and " +
         std::to_string(expected_.version) + " may spell in two ways");
    return true;
  }

  bool is_heir(std::string_view role) const {
    return actual_.heirs.contains(role) || expected_.heirs.contains(role);
  }

  bool is_respelled(const PublishedRows& rows, const Key& key, std::size_t fact) {
    if (rows.uses[fact] != Published::spelling) return false;
    // A trigger has a row for each event and a routine one for each parameter, and each of them is one text.
    Key whose{std::string(rows.view->name)};
    for (std::size_t i = 0; i < key.size(); ++i) {
      if (rows.keys[i] != "event_manipulation" && rows.keys[i] != "ordinal_position") whose.push_back(key[i]);
    }
    respelled_.insert(std::move(whose));
    return true;
  }

  bool is_hidden(const PublishedRows& rows, const Key& key, const std::vector<Values>& values) const {
    return std::ranges::any_of(options_.hidden,
                               [&](const HiddenName& name) { return mentions(rows, key, values, name); });
  }

  bool belongs_to(const PublishedRows& rows, const Key& key, const HiddenName& hidden) const {
    const Subject subject = rows.subject(key);
    if (subject.schema != hidden.schema) return false;
    for (const InformationSchema* side : {&actual_, &expected_}) {
      const auto found = side->subjects.find(subject);
      if (found != side->subjects.end() && found->second.parents.contains(hidden.name)) return true;
    }
    return false;
  }

  bool mentions(const PublishedRows& rows, const Key& key, const std::vector<Values>& values,
                const HiddenName& hidden) const {
    const bool whole = hidden.name == "*";
    bool in_schema = hidden.schema.empty(), named = whole;
    for (std::size_t i = 0; i < key.size(); ++i) {
      if (rows.keys[i].ends_with("_schema")) in_schema |= key[i] == hidden.schema;
      named |= key[i] == hidden.name || key[i].starts_with(quote_identifier(hidden.name) + "(");
    }
    if (in_schema && (named || belongs_to(rows, key, hidden))) return true;
    const std::string text = hidden.schema.empty() ? quote_identifier(hidden.name)
                             : whole               ? quote_identifier(hidden.schema) + "."
                                                   : quote_qualified(hidden.schema, hidden.name);
    return std::ranges::any_of(values, [&](const Values& each) { return contains(each, text); });
  }

  const InformationSchema &actual_, &expected_;
  const PublishedComparison& options_;
  PublishedDifference result_;
  std::size_t unseen_by_actual_ = 0, unseen_by_expected_ = 0;
  std::set<Key> respelled_;
  std::vector<std::string> respelled_lines_;
};

}  // namespace

PublishedDifference compare_published(const InformationSchema& actual, const InformationSchema& expected,
                                      const PublishedComparison& options) {
  return Comparer(actual, expected, options).run();
}

}  // namespace plumbline
