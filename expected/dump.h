#pragma once

#include <string>
#include <vector>

#include "expected/shadow.h"

namespace plumbline {

// The schema of a database as pg_dump writes it: the program `pg_dump` (see choose_pg_dump) with
// --schema-only and these flags more. It reads in one transaction that is read only, waits five seconds for a
// lock at most, and holds on every table the lock of a SELECT until it ends. Throws Error with what it said.
std::string dump_schema(const std::filesystem::path& pg_dump, const std::string& conninfo,
                        const std::vector<std::string>& flags = {});

// Runs what pg_dump wrote in a database of the shadow as far as that goes: roles that it names are made, and
// what the server refuses is left out. Returns the statements that were refused.
std::vector<std::string> restore_schema(Shadow& shadow, std::string_view database, const std::string& dump);

}  // namespace plumbline
