#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "snapshot/snapshot.h"

namespace plumbline {

// The format of snapshot files; docs/snapshot.schema.json describes it. A newer one than ours is refused.
inline constexpr std::string_view snapshot_format_name = "plumbline-snapshot";
inline constexpr int snapshot_format_version = 1;

// Canonical: the same schema gives the same bytes. Streams, so that memory does not grow with the text.
void write_json(const Snapshot& snapshot, std::ostream& out);

// Reads what write_json wrote, any version up to ours, without loss. Throws Error (`name` says of what) for a
// truncated file, another format, a newer version, an unknown kind or attribute, an object that is there
// twice.
Snapshot read_json(std::istream& in, SymbolTable& symbols, const std::string& name);

}  // namespace plumbline
