#pragma once

#include <string>
#include <string_view>

#include "snapshot/script.h"

namespace plumbline::kinds {

// What a constraint wants of the rows of a table (quoted and qualified), from what pg_get_constraintdef
// prints of it. Where the rows cannot be asked in a simple way (an expression in a key, MATCH FULL, an
// exclusion constraint), only a table without rows is known to fit.
RowCondition condition_of_constraint(const std::string& table, std::string_view definition);

// What a unique index wants of the rows, from what pg_get_indexdef prints of it.
RowCondition condition_of_index(const std::string& table, std::string_view definition);

// What a domain's constraint wants: there is no one table to ask; true while a table with a column of the
// domain has storage.
RowCondition condition_of_domain(const std::string& domain);

}  // namespace plumbline::kinds
