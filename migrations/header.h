#pragma once

#include <span>
#include <string>
#include <string_view>

#include "migrations/migration.h"

namespace plumbline {

// The value of a "-- Key: value" line above the first line that is neither comment nor empty; `key` in lower
// case. Empty when there is none.
std::string header_value(std::string_view bytes, std::string_view key);

// Whether a dependency of another header means this migration: its version, or its file's name.
bool is_named(const Migration& migration, std::string_view name);

// Equal for statements that differ only in comments and layout.
std::string statements_checksum(std::span<const SqlStatement> statements);

}  // namespace plumbline
