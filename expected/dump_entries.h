#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

// What pg_dump wrote about one object, with nothing in it that is not schema.
struct DumpEntry {
  std::string type, schema, name;  // as pg_dump's comment above it says: "TABLE", "public", "orders"
  std::vector<std::string> lines;
  friend auto operator<=>(const DumpEntry&, const DumpEntry&) = default;
};

// "TABLE public.orders": for people.
std::string describe(const DumpEntry& entry);

// The entries of a plain dump, sorted. Left out or made equal is what differs between dumps of one schema:
// the order of objects, of columns in a table and of grants, comments, versions, session settings, and all
// that pg_dump shows to superusers only (subscriptions, options of user mappings).
std::vector<DumpEntry> entries_of_dump(std::string_view dump);

}  // namespace plumbline
