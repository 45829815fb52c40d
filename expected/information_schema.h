#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.h"

namespace plumbline {

// What a column of a view of information_schema is good for.
enum class Published {
  key,          // says what a row is about
  fact,         // what is said of it
  spelling,     // a fact that is an expression, as this server spells it
  presence,     // an expression as somebody spelled it once: only that there is one is a fact
  arrangement,  // depends on the order in which the same things were made
  database,     // the name of the database
  empty,        // NULL in every row: PostgreSQL has no such thing, or does not say it here
  constant,     // the same in every row
  left_out,
};

struct PublishedColumns {
  std::string_view view;
  Published use;
  std::string_view columns;   // separated by spaces
  std::string_view why = {};  // of what is left out, and of what is not compared between any two databases
};

// A view that is read, and which of its columns say whose row it is.
struct PublishedView {
  std::string_view name;
  std::string_view what;  // relation, type, routine, constraint; empty: the row's object_type says it
  std::string_view schema_column, name_column;
  std::string_view one_major = {};  // why its rows are not compared between two majors; empty: they are
};

// Every column of every view that is read, once, whatever the version of the server.
std::span<const PublishedColumns> published_columns();
std::span<const PublishedView> published_views();
// The other views, each with the reason why it is not read, as "view" and "why".
std::span<const PublishedColumns> unread_views();

// Whose row it is; the name as it is on any server: a routine with its argument types, no OID anywhere.
struct Subject {
  std::string what, schema, name;
  friend auto operator<=>(const Subject&, const Subject&) = default;
};

// What the role that read it may do with one, and for a constraint what it belongs to.
struct Rights {
  bool owned = false;  // it has the rights of the owner, so that nothing is hidden from it
  std::set<std::string> parents;
};

// One view, without what nobody stated (members of extensions, what partitions have from the whole): for each
// key what is said, by column. Rows with one key (constraints of one name on two tables) say all they say
// together.
struct PublishedRows {
  using Values = std::set<std::optional<std::string>>;
  const PublishedView* view = nullptr;
  std::vector<std::string_view> keys, facts;  // columns
  std::vector<Published> uses;                // of the facts
  std::map<std::vector<std::string>, std::vector<Values>> rows;

  Subject subject(const std::vector<std::string>& key) const;
  std::string_view value(const std::vector<std::string>& key, std::string_view column) const;
};

// What information_schema says about a database to the role that is connected.
struct InformationSchema {
  int version = 0;
  std::string role;
  std::map<std::string_view, PublishedRows> views;
  std::map<Subject, Rights> subjects;        // all that there are, visible or not
  std::set<std::string, std::less<>> roles;  // whose rights the role has: what they granted or hold is shown
  // Roles that have rights of others: they may hand on what others own, whatever was granted.
  std::set<std::string, std::less<>> heirs;
  std::vector<std::string> unknown;  // columns, "view.column", and views that no list here knows
};

// Shares no SQL with snapshot/. To be called inside a ReadTransaction.
InformationSchema read_information_schema(Connection& connection);

}  // namespace plumbline
