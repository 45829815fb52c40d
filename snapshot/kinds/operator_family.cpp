#include <set>

#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) { out.add("CREATE " + sql_name(object.id())); }

std::set<std::string> lines_of(std::string_view text) {
  std::set<std::string> lines;
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) lines.insert(line);
  }
  return lines;
}

// What the family's classes bring along and take away with them.
std::set<std::string> of_classes(const ObjectId& family, std::string_view attribute, const Snapshot& side) {
  const std::string_view name = family.name.view();
  const std::string whole =
      quote_identifier(family.schema.view()) + "." + std::string(name.substr(0, name.rfind(" USING ")));
  std::set<std::string> lines;
  for (std::size_t place = 0; place < side.size(); ++place) {
    const Object object = side[place];
    if (object.id().kind == &operator_class && object["family"] == whole)
      lines.merge(lines_of(object[attribute]));
  }
  return lines;
}

// "1 public.<(a,b)" -> "1 (a,b)"; "1 (a, b) public.f(a,b)" -> "1 (a, b)".
std::string slot_of(const std::string& line, bool is_function) {
  if (is_function) return line.substr(0, line.find(')') + 1);
  const std::size_t open = line.find('('), close = line.find(')', open);
  return line.substr(0, line.find(' ') + 1) + line.substr(open, close - open + 1);
}

void alter_members(const Change& change, bool functions, Script& out) {
  const std::string_view attribute = functions ? "functions" : "operators";
  const ObjectId& id = change.expected.id();
  const auto had = lines_of(change.from(attribute)), has = lines_of(change.to(attribute));
  const auto brought = of_classes(id, attribute, change.scene.expected);
  const auto taken = of_classes(id, attribute, change.scene.actual);
  const std::string word = functions ? "FUNCTION " : "OPERATOR ";
  for (const std::string& line : had) {
    if (!has.contains(line) && !taken.contains(line)) {
      out.add("ALTER " + sql_name(id) + " DROP " + word + slot_of(line, functions));
    }
  }
  for (const std::string& line : has) {
    if (!had.contains(line) && !brought.contains(line))
      out.add(std::string("ALTER ").append(sql_name(id)).append(" ADD ").append(word).append(line));
  }
}

bool alter_operators(const Change& change, Script& out) {
  alter_members(change, false, out);
  return true;
}

bool alter_functions(const Change& change, Script& out) {
  alter_members(change, true, out);
  return true;
}

// Of a family that came with the server only what was added to it is told.
#define ADDED(member) "(" member ".oid >= 16384 OR f.oid >= 16384)"

constexpr Attribute attributes[] = {
    {.name = "operators",
     .sql =
         "(SELECT string_agg(o.amopstrategy || ' ' || o.amopopr::regoperator || coalesce(' FOR ORDER BY ' ||"
         " (SELECT quote_ident(x.nspname) || '.' || quote_ident(s.opfname) FROM pg_opfamily s JOIN "
         "pg_namespace x"
         " ON x.oid = s.opfnamespace WHERE s.oid = o.amopsortfamily), ''), E'\\n' ORDER BY o.amopstrategy,"
         " o.amopopr::regoperator::text COLLATE \"C\") FROM pg_amop o WHERE o.amopfamily = f.oid AND " ADDED(
             "o") ")",
     .form = Form::code,
     .late = true,
     .initial = "",
     .alter = alter_operators},
    {.name = "functions",
     .sql = PLUMBLINE_SUPPORT_FUNCTIONS("p.amprocfamily = f.oid AND " ADDED("p")),
     .form = Form::code,
     .late = true,
     .initial = "",
     .alter = alter_functions},
    owner_attribute(PLUMBLINE_OWNER("f.opfowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_opfamily", "f.oid")),
};

}  // namespace

const Kind operator_family{
    .name = "operator_family",
    .label = "operator family",
    .address = {.catalog = "pg_opfamily", .oid = "f.oid"},
    .identity = {.schema = "n.nspname",
                 .name = "quote_ident(f.opfname) || ' USING ' || quote_ident(m.amname)"},
    .from =
        "FROM pg_opfamily f JOIN pg_am m ON m.oid = f.opfmethod JOIN pg_namespace n ON n.oid = f.opfnamespace"
        " WHERE (f.oid >= 16384 OR f.oid IN (SELECT amopfamily FROM pg_amop WHERE oid >= 16384)"
        " OR f.oid IN (SELECT amprocfamily FROM pg_amproc WHERE oid >= 16384))",
    .attributes = attributes,
    .name_is_sql = true,
    .built_in = true,
    .keyword = "OPERATOR FAMILY",
    .create = create,
    .drop = drop_plainly,
};

#undef ADDED

}  // namespace plumbline::kinds
