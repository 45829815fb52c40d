#include "tests/server/held_promises.h"

#include <algorithm>

#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"

namespace plumbline::testing {

namespace {

std::string told(const Text& value) { return value ? "\"" + *value + "\"" : "NULL"; }

template <typename Texts>
std::string told_all(const Texts& values) {
  std::vector<std::string> texts;
  for (const Text& value : values) texts.push_back(told(value));
  return join(texts, " or ");
}

class Holder {
 public:
  Holder(const Promises& promises, const InformationSchema& published)
      : promises_(promises), published_(published) {
    for (const auto& [subject, rights] : published.subjects) sees_all_ &= rights.owned;
  }

  Holding run() {
    for (const std::string& name : published_.unknown)
      say(name + " stands in no table: decide how it is treated");
    for (const auto& [view, rows] : published_.views) hold_view(rows);
    if (sees_all_) {
      hold_order("columns", "table_name", [&](const Key& whose) { return column_order(whose); });
      hold_order("attributes", "udt_name", [&](const Key& whose) { return attribute_order(whose); });
    }
    return std::move(result_);
  }

 private:
  void say(std::string text) { result_.disagreements.push_back(std::move(text)); }

  void hold_view(const PublishedRows& rows) {
    static const PromisedRows nothing;
    const auto found = promises_.views.find(rows.view->name);
    const PromisedRows& promised = found == promises_.views.end() ? nothing : found->second;
    const std::string view(rows.view->name);
    for (const auto& [key, values] : rows.rows) {
      const auto row = promised.find(key);
      if (row != promised.end()) {
        for (std::size_t i = 0; i < rows.facts.size(); ++i) hold_fact(rows, key, row->second, i);
      } else if (!is_implied(promises_, view, key)) {
        say(view + " " + join(key, ".") + ": is published, and the snapshot does not have it");
      }
    }
    if (!sees_all_) return;
    for (const auto& [key, row] : promised) {
      if (!rows.rows.contains(key) && !row.front().may_be_missing)
        say(view + " " + join(key, ".") + ": the snapshot has it, and it is not published");
    }
  }

  bool is_shown_to_owners_only(const PublishedRows& rows, const Key& key) const {
    const auto subject = published_.subjects.find(rows.subject(key));
    return subject != published_.subjects.end() && !subject->second.owned;
  }

  void hold_fact(const PublishedRows& rows, const Key& key, const std::vector<PromisedRow>& promised,
                 std::size_t fact) {
    const std::string column(rows.facts[fact]);
    const std::string head = std::string(rows.view->name) + " " + join(key, ".") + ": " + column + " ";
    std::vector<Text> any_of;
    for (const PromisedRow& row : promised) {
      const auto found = row.facts.find(column);
      if (found == row.facts.end()) return say(head + "is not held against anything");
      if (!found->second.unknown.empty()) {
        ++result_.not_in_snapshot[std::string(found->second.unknown)];
        return;
      }
      any_of.insert(any_of.end(), found->second.any_of.begin(), found->second.any_of.end());
    }
    for (const Text& value : rows.rows.at(key)[fact]) {
      ++result_.facts;
      if (std::ranges::find(any_of, value) != any_of.end()) continue;
      if (!value && is_shown_to_owners_only(rows, key)) continue;
      const bool presence = rows.uses[fact] == Published::presence;
      if (presence && std::ranges::any_of(
                          any_of, [&](const Text& each) { return each.has_value() == value.has_value(); }))
        continue;
      say(head + "is " + told(value) + ", and the snapshot has " + told_all(any_of));
    }
  }

  std::vector<std::string> column_order(const Key& whose) const {
    std::vector<std::string> result;
    for (const char* kind : {"table", "foreign_table"}) {
      const auto relation = promises_.find(kind, whose[0], whose[1]);
      if (!relation) continue;
      for (const std::string& name : split_outside((*relation)["column_order"], ","))
        result.push_back(unquoted(name));
    }
    return result;
  }

  std::vector<std::string> attribute_order(const Key& whose) const {
    std::vector<std::string> result;
    const auto type = promises_.find("composite_type", whose[0], whose[1]);
    if (!type) return result;
    for (const std::string& item : split_outside((*type)["attributes"], ", ")) {
      result.push_back(unquoted(item.substr(0, find_outside(item, " "))));
    }
    return result;
  }

  // Of a table that inherits, the snapshot has the order of its own columns.
  template <typename OrderOf>
  void hold_order(const std::string& view, const std::string& name, OrderOf order_of) {
    const PublishedRows& rows = published_.views.at(view);
    const auto place =
        static_cast<std::size_t>(std::ranges::find(rows.facts, "ordinal_position") - rows.facts.begin());
    std::map<Key, std::map<int, std::string>> published;
    for (const auto& [key, values] : rows.rows) {
      published[{key[0], key[1]}][std::stoi(values.at(place).begin()->value())] = key[2];
    }
    for (const auto& [whose, columns] : published) {
      const std::vector<std::string> promised = order_of(whose);
      std::vector<std::string> shown;
      for (const auto& [number, column] : columns) {
        if (std::ranges::count(promised, column) > 0) shown.push_back(column);
      }
      ++result_.facts;
      if (shown == promised) continue;
      say(view + " " + join(whose, ".") + ": ordinal_position is in the order " + join(shown, ", ") +
          ", and the snapshot has " + join(promised, ", ") + " (" + name + ")");
    }
  }

  const Promises& promises_;
  const InformationSchema& published_;
  bool sees_all_ = true;
  Holding result_;
};

bool is_of_range(const Promises& promises, const Key& key) {
  const std::string name = unquoted(key[1].substr(0, find_outside(key[1], "(")));
  bool result = false;
  each_of(promises.snapshot, "range_type", [&](const Object& range) {
    const auto [schema, multirange] = names_of(range["multirange"]);
    const bool own = range.id().schema.view() == key[0] && range.id().name.view() == name;
    result |= own || (schema == key[0] && multirange == name);
  });
  return result;
}

// The columns that a check uses: the snapshot has its text.
bool is_used_by_check(const Promises& promises, const Key& key) {
  const auto table = promises.find("table", key[2], key[3]);
  if (!table) return false;
  for (const Object& constraint : promises.snapshot.children(table->id(), kinds::constraint)) {
    if (constraint.id().name.view() != key[1] || constraint["type"] != "check") continue;
    const std::string_view sql = constraint["definition"];
    // A whole row is spelled as the table.
    return sql.find(key[4]) != sql.npos || sql.find(quote_identifier(key[4])) != sql.npos ||
           sql.find(".*") != sql.npos;
  }
  return false;
}

bool is_always(std::string_view value, Published use, const std::string& database) {
  if (use == Published::empty) return value == "{NULL}";
  if (use == Published::database)
    return value == "{NULL}" || value == "{" + database + "}" || value == "{NULL," + database + "}";
  return true;
}

}  // namespace

bool is_implied(const Promises& promises, std::string_view view, const Key& key) {
  if (view == "routines" || view == "parameters" || view == "routine_privileges")
    return is_of_range(promises, key);
  return view == "constraint_column_usage" && is_used_by_check(promises, key);
}

Holding hold(const Snapshot& snapshot, const InformationSchema& published) {
  Promises promises(snapshot, published);
  promise_relations(promises);
  promise_types(promises);
  promise_constraints(promises);
  promise_triggers(promises);
  promise_routines(promises);
  promise_privileges(promises);
  return Holder(promises, published).run();
}

std::vector<std::string> wrong_reasons(Connection& connection) {
  std::vector<std::string> wrong;
  for (const PublishedColumns& each : published_columns()) {
    if (each.use != Published::empty && each.use != Published::constant && each.use != Published::database)
      continue;
    for (const std::string& column : split(each.columns, ' ')) {
      const std::string sql = "SELECT count(DISTINCT (" + column + " IS NULL, " + column +
                              ")), array_agg(DISTINCT " + column + "::text ORDER BY " + column +
                              "::text NULLS FIRST) FROM information_schema." + std::string(each.view);
      connection.query(sql, [&](const Row& row) {
        const bool many = each.use == Published::constant && row[0] != "0" && row[0] != "1";
        if (row[0] == "0" || (!many && is_always(row[1], each.use, connection.database()))) return;
        wrong.push_back(std::string(each.view) + "." + column + " is " + std::string(row[1]));
      });
    }
  }
  return wrong;
}

}  // namespace plumbline::testing
