#include "catchup/guard.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "postgres/text.h"
#include "snapshot/members.h"
#include "snapshot/query.h"

namespace plumbline {

namespace {

constexpr std::size_t most_facts = 500;
// Longer expressions are asked for only where the script changes what they say.
constexpr std::size_t longest_expression = 80;
constexpr std::size_t longest_value = 60;

bool is_short(std::string_view value) {
  return value.size() <= longest_value && value.find_first_of("\n\r\\") == value.npos;
}

class Guard {
 public:
  explicit Guard(const Premise& premise)
      : premise_(premise), dropped_(premise.plan.dropped.begin(), premise.plan.dropped.end()) {}

  std::string write() {
    for (const ObjectId& id : premise_.plan.touched) {
      if (facts_.size() < most_facts && !comes_with_whole(id)) add(id);
    }
    for (const std::string& table : premise_.empty_tables)
      facts_.push_back(std::string("(")
                           .append(quote_literal("rows of " + table))
                           .append(", 'false', (SELECT EXISTS (SELECT FROM ONLY ")
                           .append(table)
                           .append("))::text)"));
    if (facts_.empty()) return {};
    const std::string body =
        "\nDECLARE\n  differs text;\nBEGIN\n" + limit() +
        "  PERFORM pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('datestyle', 'ISO, "
        "YMD', true);\n"
        "  SELECT pg_catalog.string_agg(object, ', ') INTO differs FROM (VALUES\n    " +
        join(facts_, ",\n    ") +
        "\n  ) fact(object, planned, now) WHERE planned IS DISTINCT FROM now;\n"
        "  IF differs IS NOT NULL THEN\n"
        "    RAISE EXCEPTION 'this script was made for another state of the database: % differs', differs\n"
        "      USING HINT = 'This run changed nothing. Make the script anew with \"plumbline catchup\".';\n"
        "  END IF;\nEND ";
    return "DO " + quoted(body);
  }

 private:
  // Not all of a very long script.
  std::string limit() const {
    if (facts_.size() < most_facts) return {};
    return "  -- looks at the first " + std::to_string(most_facts) + " of " +
           std::to_string(premise_.plan.touched.size()) + " objects\n";
  }

  static std::string quoted(const std::string& body) {
    std::string tag = "$plumbline$";
    for (int i = 1; body.find(tag) != body.npos; ++i) tag = "$plumbline" + std::to_string(i) + "$";
    return tag + body + tag;
  }

  void add(const ObjectId& id) {
    const auto before = premise_.before.find(id), rebuilt = premise_.rebuilt.find(id),
               after = premise_.after.find(id);
    if (!before && after && !id.kind->created_by_parent) add_fact(id, std::nullopt, "''");
    if (!before || !rebuilt) return;
    std::vector<std::string> values, expressions;
    for (std::size_t i = 0; i < id.kind->attributes.size(); ++i) {
      if (!is_asked_for(*before, *rebuilt, after, i)) continue;
      values.emplace_back(before->values()[i].view());
      expressions.push_back("coalesce((" + std::string(id.kind->attributes[i].sql) + ")::text, '')");
    }
    if (values.empty()) return add_fact(id, "", "''");
    if (values.size() == 1 && is_short(values.front()))
      return add_fact(id, values.front(), expressions.front());
    add_fact(id, sha256_hex(join(values, "\n")),
             "pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(E'\\n', " +
                 join(expressions, ", ") + "), 'UTF8')), 'hex')");
  }

  // What the script changes; and of what it makes anew, the definition, where few words ask for it.
  bool is_asked_for(const Object& before, const Object& rebuilt, const std::optional<Object>& after,
                    std::size_t i) const {
    const Attribute& attribute = before.id().kind->attributes[i];
    const int version = premise_.before.server_version, other = premise_.rebuilt.server_version;
    const auto has = [&](int server) {
      return attribute.since <= server && (attribute.until == 0 || server <= attribute.until);
    };
    if (!attribute.compared || attribute.members || attribute.secret || attribute.surroundings ||
        attribute.form == Form::order || !has(version) || !has(other))
      return false;
    const Symbol value = before.values()[i];
    if (value != rebuilt.values()[i] || is_unknown(value.view())) return false;
    if (after && after->values()[i] != value) return true;
    return after && dropped_.contains(before.id()) && attribute.sql.size() <= longest_expression &&
           (attribute.form == Form::expression || attribute.form == Form::code);
  }

  // What goes, or is made anew as it was, with its table or view: that one's own fact says it all.
  bool comes_with_whole(const ObjectId& id) const {
    const bool is_part = !id.parent.empty() && dropped_.contains(id) && whole_is_dropped(id);
    if (!is_part) return false;
    const auto before = premise_.before.find(id), after = premise_.after.find(id);
    return before && (!after || std::ranges::equal(before->values(), after->values()));
  }

  bool whole_is_dropped(const ObjectId& part) const {
    return std::ranges::any_of(dropped_, [&](const ObjectId& id) {
      return id.parent.empty() && id.schema == part.schema && id.name == part.parent;
    });
  }

  // Whether an extension has, or had, an object of that name.
  static bool is_member(const Snapshot& snapshot, const ObjectId& id) {
    return std::ranges::any_of(snapshot.members,
                               [&](const auto& one) { return one.second->objects.find(id).has_value(); });
  }

  void add_fact(const ObjectId& id, const std::optional<std::string>& planned,
                const std::string& expression) {
    const Kind& kind = *id.kind;
    const Kind::Identity& identity = kind.identity;
    std::string now = "(SELECT pg_catalog.string_agg(" + expression + ", '') ";
    for (const char c : kind.from) now += c == '\n' ? ' ' : c;
    const auto is = [&](std::string_view column, Symbol value) {
      if (column != "''")
        now.append(" AND (").append(column).append(")::text = ").append(quote_literal(value.view()));
    };
    is(identity.schema, id.schema);
    is(identity.parent, id.parent);
    is(identity.name, id.name);
    if (is_member(premise_.before, id) || is_member(premise_.after, id))
      now.append(" AND ").append(is_no_member(kind));
    facts_.push_back("(" + quote_literal(describe(id)) + ", " +
                     (planned ? quote_literal(*planned) : std::string("NULL")) + ", " + now + "))");
  }

  const Premise& premise_;
  const IdSet dropped_;
  std::vector<std::string> facts_;
};

}  // namespace

bool runs_do_blocks(const Snapshot& database) {
  for (std::size_t place = 0; place < database.size(); ++place) {
    const ObjectId& id = database.id(place);
    if (id.schema.view().empty() && id.name.view() == "plpgsql") return true;
  }
  return false;
}

std::string guard_of(const Premise& premise) {
  return runs_do_blocks(premise.before) ? Guard(premise).write() : std::string();
}

}  // namespace plumbline
