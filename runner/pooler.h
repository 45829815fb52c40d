#pragma once

#include <functional>
#include <memory>

#include "postgres/connection.h"

namespace plumbline {

// What stands between us and the server process that answers: nothing, or a pooler that gives us one process
// for the session, for one transaction, or for one statement.
enum class Pooling { none, session, transaction, statement };

// Finds out, with further sessions of its own where there is a pooler. To be asked outside a transaction; of
// a pool by statement the session is lost afterwards.
Pooling pooling_of(Connection& connection, const std::function<std::unique_ptr<Connection>()>& connect);

// Throws Error where the migration lock, settings and temporary tables would not last for the session.
void refuse_pooler(Connection& connection, const std::function<std::unique_ptr<Connection>()>& connect);

}  // namespace plumbline
