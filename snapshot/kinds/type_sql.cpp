#include "snapshot/kinds/type_sql.h"

#include "postgres/text.h"
#include "snapshot/kind.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

bool set_type_aside(const Object& object, Script& rename, Script& remove) {
  const ObjectId& id = object.id();
  // Names have 63 bytes.
  const std::string aside = "plumbline_old_" + std::string(id.name.view()).substr(0, 40);
  rename.add("ALTER " + sql_name(id) + " RENAME TO " + quote_identifier(aside));
  remove.add("DROP " + std::string(id.kind->keyword) + " " + quote_qualified(id.schema.view(), aside));
  return true;
}

}  // namespace plumbline::kinds
