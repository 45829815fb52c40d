#include "runner/settle.h"

#include <algorithm>

#include "migrations/scan.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

// The words of a statement; names keep their quotes.
class Words {
 public:
  explicit Words(std::string_view sql) {
    for (const Token& token : significant_tokens(sql, 200)) words_.emplace_back(token.of(sql));
  }
  bool at(std::size_t place, std::string_view word) const {
    return place < words_.size() && same_word(words_[place], word);
  }
  bool has(std::string_view word) const { return find(word) < words_.size(); }
  std::size_t find(std::string_view word, std::size_t from = 0) const {
    while (from < words_.size() && !same_word(words_[from], word)) ++from;
    return from;
  }
  // A name of several parts that starts there: "a"."b".
  std::string name_at(std::size_t place) const {
    std::string name = place < words_.size() ? words_[place] : std::string();
    while (at(place + 1, ".") && place + 2 < words_.size()) {
      name += "." + words_[place + 2];
      place += 2;
    }
    return name;
  }
  // The name behind the word, and behind IF [NOT] EXISTS and ONLY.
  std::string name_behind(std::size_t place) const {
    ++place;
    while (at(place, "if") || at(place, "not") || at(place, "exists") || at(place, "only")) ++place;
    return name_at(place);
  }
  bool creates_index() const {
    return at(0, "create") && (at(1, "index") || (at(1, "unique") && at(2, "index"))) && has("concurrently");
  }
  bool reindexes() const { return at(0, "reindex"); }

 private:
  std::vector<std::string> words_;
};

// A query of one column; without text there is nothing to ask.
struct Question {
  std::string sql{};
  std::vector<Parameter> parameters{};
};

std::vector<std::string> column(Connection& connection, const Question& question) {
  std::vector<std::string> values;
  connection.query(question.sql, question.parameters, [&](const Row& row) { values.emplace_back(row[0]); });
  return values;
}

Question indexes_of(const std::string& table) {
  return {"SELECT indexrelid::text FROM pg_catalog.pg_index WHERE indrelid = pg_catalog.to_regclass($1)",
          {table}};
}

constexpr std::string_view leftovers_of_reindex =
    "SELECT i.indexrelid::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
    "WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'";

Question what_may_be_left(const Words& words) {
  if (words.creates_index()) return indexes_of(words.name_behind(words.find("on")));
  return words.reindexes() ? Question{std::string(leftovers_of_reindex)} : Question();
}

struct FoundIndex {
  std::string name;
  bool valid = false;
};

FoundIndex index_of(Connection& connection, const std::string& oid) {
  FoundIndex found;
  connection.query(
      "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), "
      "i.indisvalid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = "
      "i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE i.indexrelid "
      "= $1",
      {oid}, [&](const Row& row) {
        found = {std::string(row[0]), row[1] == "t"};
      });
  return found;
}

// What came since the mark: a valid index is the statement's work, an invalid one what it left behind.
Settlement settle_indexes(Connection& connection, const Question& question, std::string_view mark) {
  Settlement result{Fate::not_done, {}};
  const std::vector<std::string> before = split(mark, ' ');
  for (const std::string& oid : column(connection, question)) {
    if (std::ranges::find(before, oid) != before.end()) continue;
    const FoundIndex index = index_of(connection, oid);
    if (index.name.empty()) continue;
    if (index.valid) {
      result.outcome = Fate::done;
      continue;
    }
    connection.execute("SET lock_timeout = 0");
    connection.execute("DROP INDEX CONCURRENTLY IF EXISTS " + index.name);
    result.dropped.push_back(index.name);
  }
  return result;
}

Fate fate_of_detach(Connection& connection, const Words& words, std::size_t detach) {
  const std::string parent = words.name_behind(1), child = words.name_at(words.find("partition", detach) + 1);
  const auto pending = connection.value(
      "SELECT inhdetachpending FROM pg_catalog.pg_inherits WHERE inhrelid = pg_catalog.to_regclass($1) "
      "AND inhparent = pg_catalog.to_regclass($2)",
      {child, parent});
  if (!pending) return Fate::done;
  if (*pending != "t") return Fate::not_done;
  connection.execute("ALTER TABLE " + parent + " DETACH PARTITION " + child + " FINALIZE");
  return Fate::done;
}

// CREATE and DROP of what is known by its name alone.
Fate fate_of_named(Connection& connection, const Words& words) {
  struct Kept {
    const char *word, *catalog, *column;
  };
  constexpr Kept kept[] = {{"database", "pg_database", "datname"},
                           {"tablespace", "pg_tablespace", "spcname"},
                           {"subscription", "pg_subscription", "subname"}};
  for (const Kept& each : kept) {
    if (!words.at(1, each.word)) continue;
    const std::string name = words.name_behind(1);
    const bool exists =
        connection.value("SELECT EXISTS (SELECT FROM pg_catalog." + std::string(each.catalog) + " WHERE " +
                             each.column + " = (pg_catalog.parse_ident($1))[1])",
                         {name}) == "t";
    return exists == words.at(0, "create") ? Fate::done : Fate::not_done;
  }
  return Fate::unknown;
}

// Statements that may be run twice.
bool is_repeatable(const Words& words) {
  return words.at(0, "vacuum") || words.at(0, "analyze") || words.at(0, "cluster") ||
         words.at(0, "discard") || words.at(0, "checkpoint") || words.reindexes() ||
         (words.at(0, "alter") && words.at(1, "system"));
}

}  // namespace

std::string mark_before(Connection& connection, std::string_view sql) {
  const Question question = what_may_be_left(Words(sql));
  return question.sql.empty() ? std::string() : join(column(connection, question), " ");
}

Settlement settle(Connection& connection, std::string_view sql, std::string_view mark) {
  const Words words(sql);
  if (const Question question = what_may_be_left(words); !question.sql.empty()) {
    Settlement result = settle_indexes(connection, question, mark);
    if (words.reindexes()) result.outcome = Fate::not_done;
    return result;
  }
  if (is_repeatable(words)) return {Fate::not_done, {}};
  if (words.at(0, "drop") && words.at(1, "index")) {
    const std::string name = words.name_behind(words.at(2, "concurrently") ? 2 : 1);
    const auto found = connection.value("SELECT pg_catalog.to_regclass($1) IS NULL", {name});
    return {found == "t" ? Fate::done : Fate::not_done, {}};
  }
  const std::size_t detach = words.find("detach");
  if (words.at(0, "alter") && words.at(1, "table") && words.at(detach, "detach")) {
    return {fate_of_detach(connection, words, detach), {}};
  }
  return {fate_of_named(connection, words), {}};
}

std::vector<std::string> invalid_indexes(Connection& connection) {
  return column(connection, {R"sql(
    SELECT pg_catalog.format('%I.%I on %I.%I', n.nspname, c.relname, tn.nspname, t.relname)
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
    WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname !~ '^pg_' ORDER BY 1)sql"});
}

}  // namespace plumbline
