#include "tests/property/random_schema.h"

#include <ostream>
#include <set>

#include "postgres/text.h"

namespace plumbline::testing {

namespace {

using Strings = std::vector<std::string>;

// Puts together one schema; every name in it is used once.
class Maker {
 public:
  RandomSchema make() {
    schema_.name = "s" + *identifier();
    while (!is_valid_utf8(schema_.name) || schema_.name.size() > 63) schema_.name.pop_back();
    const int count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i) make_object();
    return std::move(schema_);
  }

 private:
  void make_object() {
    using Make = void (Maker::*)();
    const Make make_one = *rc::gen::element<Make>(&Maker::make_table, &Maker::make_table, &Maker::make_view,
                                                  &Maker::make_function, &Maker::make_enum,
                                                  &Maker::make_sequence, &Maker::make_domain);
    name_ = unused_name();
    statements_.clear();
    (this->*make_one)();
    schema_.objects.push_back(statements_);
  }

  std::string unused_name() {
    std::string name = *identifier();
    while (!used_.insert(name).second) name = std::to_string(used_.size()) + "\"n";
    return name;
  }
  std::string qualified(const std::string& name) const { return quote_qualified(schema_.name, name); }
  std::string own() const { return qualified(name_); }
  static std::string text() { return quote_literal(*any_text()); }
  void add(const std::string& sql) { statements_.push_back(sql); }
  void changes(const std::string& sql) { schema_.changes.push_back({sql, name_}); }
  // More than one line, so that it is not what is there already.
  void comment_changes(const std::string& what) {
    changes("COMMENT ON " + what + " IS " + quote_literal("another\n" + *any_text()));
  }

  void make_table() {
    static const Strings types{"integer", "text", "varchar(5)", "numeric(8,2)", "timestamptz", "jsonb",
                               "text[]",  "uuid", "\"char\"",   "interval(3)",  "int4range",   "bit(4)"};
    Strings columns, names;
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
      names.push_back(unused_name());
      columns.push_back(quote_identifier(names.back()) + " " + *rc::gen::elementOf(types) +
                        (*rc::gen::arbitrary<bool>() ? " NOT NULL" : ""));
    }
    columns.push_back("t text DEFAULT " + text());
    columns.push_back("CONSTRAINT " + quote_identifier(unused_name()) + " CHECK (t <> " + text() + ")");
    add("CREATE TABLE " + own() + " (" + join(columns, ", ") + ")");
    if (*rc::gen::arbitrary<bool>()) add("COMMENT ON TABLE " + own() + " IS " + text());
    for (const std::string& name : names) {
      add("COMMENT ON COLUMN " + own() + "." + quote_identifier(name) + " IS " + text());
      changes("ALTER TABLE " + own() + " DROP COLUMN " + quote_identifier(name));
      changes("ALTER TABLE " + own() + " RENAME COLUMN " + quote_identifier(name) + " TO \"one \"\"more\"");
    }
    add("CREATE INDEX " + quote_identifier(unused_name()) + " ON " + own() + " (lower(t)) WHERE t > " +
        text());
    change_table();
  }

  void change_table() {
    comment_changes("TABLE " + own());
    comment_changes("COLUMN " + own() + ".t");
    for (const char* what :
         {" ALTER t SET NOT NULL", " ALTER t DROP DEFAULT", " ADD COLUMN \"new\n\" int",
          " ENABLE ROW LEVEL SECURITY", " SET (fillfactor = 50)", " ALTER t SET STATISTICS 7",
          " ALTER t SET STORAGE plain", " REPLICA IDENTITY FULL", " SET UNLOGGED", " ALTER t TYPE varchar",
          " ADD UNIQUE (t)", " OWNER TO pg_monitor"}) {
      changes("ALTER TABLE " + own() + what);
    }
    changes("GRANT SELECT (t) ON " + own() + " TO PUBLIC");
    changes("CREATE POLICY \"p,\" ON " + own() + " USING (t = " + text() + ")");
    changes("DROP TABLE " + own());
  }

  void make_view() {
    add("CREATE VIEW " + own() + " AS SELECT " + text() + "::text AS " + quote_identifier(*identifier()) +
        ", 1 AS n1");
    comment_changes("VIEW " + own());
    changes("ALTER VIEW " + own() + " SET (security_barrier)");
    changes("ALTER VIEW " + own() + " RENAME COLUMN n1 TO n2");
    changes("DROP VIEW " + own());
  }

  void make_function() {
    add("CREATE FUNCTION " + own() + "(" + quote_identifier(*identifier()) + " text DEFAULT " + text() +
        ") RETURNS text LANGUAGE plpgsql AS " + text());
    comment_changes("FUNCTION " + own());
    changes("ALTER FUNCTION " + own() + " STRICT SET search_path = " + quote_identifier(*identifier()));
    changes("REVOKE EXECUTE ON FUNCTION " + own() + " FROM PUBLIC");
    changes("DROP FUNCTION " + own());
  }

  void make_enum() {
    const auto labels = *rc::gen::container<std::set<std::string>>(identifier());
    Strings quoted;
    for (const std::string& label : labels) quoted.push_back(quote_literal(label));
    add("CREATE TYPE " + own() + " AS ENUM (" + join(quoted, ", ") + ")");
    comment_changes("TYPE " + own());
    changes("ALTER TYPE " + own() + " ADD VALUE 'not yet, ''there'");
    changes("DROP TYPE " + own());
  }

  void make_sequence() {
    add("CREATE SEQUENCE " + own() + " INCREMENT " + std::to_string(*rc::gen::inRange(1, 100)));
    comment_changes("SEQUENCE " + own());
    changes("ALTER SEQUENCE " + own() + " INCREMENT 1000 CYCLE");
    changes("DROP SEQUENCE " + own());
  }

  void make_domain() {
    add("CREATE DOMAIN " + own() + " AS text DEFAULT " + text() + " CONSTRAINT " +
        quote_identifier(*identifier()) + " CHECK (VALUE <> " + text() + ")");
    comment_changes("DOMAIN " + own());
    changes("ALTER DOMAIN " + own() + " SET NOT NULL");
    changes("DROP DOMAIN " + own());
  }

  RandomSchema schema_;
  std::string name_;
  Strings statements_;
  std::set<std::string> used_{"t"};
};

}  // namespace

void showValue(const RandomSchema& schema, std::ostream& out) {
  out << schema.name << "\n";
  for (const auto& object : schema.objects) out << join(object, ";\n") << ";\n";
}

rc::Gen<RandomSchema> random_schema() {
  return rc::gen::exec([] { return Maker().make(); });
}

}  // namespace plumbline::testing
