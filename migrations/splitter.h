#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrations/migration.h"

namespace plumbline {

// Splits SQL text the way psql does: quotes, E'' and U&'' strings, dollar quotes, nested comments,
// parentheses, BEGIN ATOMIC bodies, meta-commands, COPY ... FROM stdin with its data. Checks nothing else.
// `name` is used in messages ("name:line:column: ..."). Throws Error for an unterminated quote, comment or
// COPY and for meta-commands that read files or talk to the client (\i, \copy, \gexec, ...); harmless ones
// (\echo, \set of a client variable that is not used, \restrict, \connect to nothing) are skipped as
// documented in docs/conventions.md.
std::vector<SqlStatement> split_sql(std::string_view text, const std::string& name);

}  // namespace plumbline
