#pragma once

#include <span>
#include <string_view>

#include "snapshot/kind.h"

namespace plumbline {

// All kinds, in the order that breaks ties: what usually comes first, first.
std::span<const Kind* const> all_kinds();

// Its place in all_kinds().
std::size_t kind_rank(const Kind& kind);

// The kind of that name, nullptr when there is none.
const Kind* find_kind(std::string_view name);

// Whether other objects stand in those of the kind of that name, and have their name as schema.
bool is_namespace(std::string_view kind);

}  // namespace plumbline
