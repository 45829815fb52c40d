#include "catchup/open_renames.h"

#include <algorithm>

#include "catchup/permission.h"
#include "catchup/renaming.h"
#include "diff/rename.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

std::string name_of(const ObjectId& id) { return id.kind->name_is_sql ? plain_name(id) : qualified(id); }

bool is_denied(const ObjectId& id, const std::vector<std::string>& denied) {
  return std::ranges::find(denied, qualified(id)) != denied.end() ||
         std::ranges::find(denied, plain_name(id)) != denied.end();
}

bool is_relation(const ObjectId& id) {
  return id.kind->address.catalog == "pg_class" || id.kind->address.catalog == "pg_attribute";
}

// Whether all that lies in the schema is.
bool is_bare_namespace(const ObjectId& id, const Snapshot& actual, LiveRows& rows) {
  for (std::size_t place = 0; place < actual.size(); ++place) {
    const ObjectId& one = actual.id(place);
    if (!(one.schema == id.name) || !one.parent.empty() || !one.kind->holds_rows || !is_relation(one))
      continue;
    if (!rows.is_empty(table_of(one))) return false;
  }
  return true;
}

// To drop it and to make another loses nothing: it holds no rows, or has none. What a type is of is
// converted.
bool is_bare(const ObjectId& id, const Snapshot& actual, LiveRows& rows) {
  if (id.kind->is_namespace) return is_bare_namespace(id, actual, rows);
  return !id.kind->holds_rows || !is_relation(id) || rows.is_empty(table_of(id));
}

OpenRename asked(const SuspectedRename& pair) {
  OpenRename one{pair.missing, pair.unexpected, name_of(pair.unexpected), name_of(pair.missing), {}, {}};
  one.why = describe(pair.unexpected);
  one.why.append(" looks like ").append(one.to).append(" under another name (").append(pair.why).append(")");
  one.flags = "--rename " + shell_word(one.from + "=" + one.to);
  one.flags.append(", or --no-rename ").append(shell_word(one.to));
  return one;
}

}  // namespace

std::vector<OpenRename> open_renames(const Snapshot& actual, const Snapshot& expected,
                                     std::span<const Difference> differences, const KnownOfNames& known,
                                     LiveRows& rows) {
  std::vector<OpenRename> open;
  for (const SuspectedRename& pair : suspected_renames(actual, expected, differences, known.previous)) {
    if (is_denied(pair.missing, known.denied) || is_denied(pair.unexpected, known.denied)) continue;
    if (is_bare(pair.unexpected, actual, rows)) continue;
    open.push_back(asked(pair));
  }
  return open;
}

}  // namespace plumbline
