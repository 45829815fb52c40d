#include "runner/without_ledger.h"

#include "snapshot/filter.h"
#include "snapshot/kind.h"

namespace plumbline {

Snapshot without_ledger(const Snapshot& snapshot, const OwnLedger& own, const Snapshot* other) {
  return filtered(snapshot, [&](const ObjectId& id) {
    if (id.kind->is_namespace) {
      const bool stays = other == nullptr || other->find(id);
      return !(stays ? own.schemas_alone : own.schemas).contains(std::string(id.name.view()));
    }
    return !own.has(id.kind->name, id.schema.view(), id.parent.view(), id.name.view());
  });
}

Snapshot without_ledger(const Snapshot& snapshot, Connection& connection) {
  return without_ledger(snapshot, own_ledger(connection));
}

}  // namespace plumbline
