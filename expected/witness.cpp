#include "expected/witness.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "expected/dump.h"
#include "expected/dump_entries.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

struct Dumps {
  std::string actual, expected;
};

struct Difference {
  std::vector<DumpEntry> actual, expected;  // what only one side has
  bool empty() const { return actual.empty() && expected.empty(); }
};

// The dump of a whole database spells its names as we do: plain ones bare, others quoted.
bool mentions(const DumpEntry& entry, const HiddenName& hidden) {
  if (hidden.name == "*") {
    if (entry.schema == hidden.schema || entry.name == hidden.schema ||
        entry.name == "SCHEMA " + hidden.schema)
      return true;
  } else if (hidden.schema.empty() || entry.schema == hidden.schema) {
    if (entry.name == hidden.name || entry.name.starts_with(hidden.name + " ")) return true;
  }
  const std::string name = hidden.schema.empty() ? quote_identifier(hidden.name)
                           : hidden.name == "*"  ? quote_identifier(hidden.schema) + "."
                                                 : quote_qualified(hidden.schema, hidden.name);
  return std::ranges::any_of(entry.lines,
                             [&](const std::string& line) { return line.find(name) != line.npos; });
}

std::vector<DumpEntry> entries(const std::string& dump, const WitnessOptions& options) {
  std::vector<DumpEntry> result = entries_of_dump(dump);
  std::erase_if(result, [&](const DumpEntry& entry) {
    return std::ranges::any_of(options.hidden,
                               [&](const HiddenName& hidden) { return mentions(entry, hidden); });
  });
  return result;
}

Difference difference(const Dumps& dumps, const WitnessOptions& options) {
  const std::vector<DumpEntry> actual = entries(dumps.actual, options),
                               expected = entries(dumps.expected, options);
  Difference result;
  std::ranges::set_difference(actual, expected, std::back_inserter(result.actual));
  std::ranges::set_difference(expected, actual, std::back_inserter(result.expected));
  return result;
}

// What a throw-away server makes of both, as the same pg_dump reads it there.
class Restored {
 public:
  Restored(const ShadowOptions& options, std::filesystem::path pg_dump)
      : shadow_(start_shadow(options)), pg_dump_(std::move(pg_dump)) {}

  Dumps of(const Dumps& dumps) {
    return {restored("witness_actual", dumps.actual), restored("witness_expected", dumps.expected)};
  }

 private:
  // What the server refuses (an extension that it lacks) counts as it was written.
  std::string restored(const char* database, const std::string& dump) {
    shadow_->create_database(database);
    std::vector<std::string> refused = restore_schema(*shadow_, database, dump);
    std::string result = dump_schema(pg_dump_, shadow_->conninfo(database));
    shadow_->drop_database(database);
    std::ranges::sort(refused);
    for (const std::string& statement : refused) {
      result += "\n--\n-- Name: refused; Type: STATEMENT; Schema: -; Owner: -\n--\n\n" + statement + ";\n";
    }
    return result;
  }

  std::unique_ptr<Shadow> shadow_;
  std::filesystem::path pg_dump_;
};

bool may_hold_secrets(const DumpEntry& entry) {
  constexpr auto types =
      std::to_array<std::string_view>({"SERVER", "FOREIGN DATA WRAPPER", "FOREIGN TABLE", "STATEMENT"});
  return std::ranges::find(types, entry.type) != types.end();
}

void tell(std::vector<std::string>& told, const DumpEntry& entry, char sign,
          const std::vector<DumpEntry>& others) {
  constexpr std::size_t limit = 12;
  const auto other = std::ranges::find_if(others, [&](const DumpEntry& each) {
    return each.type == entry.type && each.schema == entry.schema && each.name == entry.name;
  });
  told.push_back(std::string(1, sign) + " " + describe(entry));
  if (may_hold_secrets(entry)) return;
  std::size_t count = 0;
  for (const std::string& line : entry.lines) {
    const bool on_both = other != others.end() && std::ranges::find(other->lines, line) != other->lines.end();
    if (!on_both && ++count <= limit) told.push_back(std::string(1, sign) + "     " + line);
  }
  if (count > limit)
    told.push_back(std::string(1, sign) + "     and " + std::to_string(count - limit) + " lines more");
}

std::vector<std::string> told(const Difference& difference) {
  std::vector<std::string> result;
  for (const DumpEntry& entry : difference.expected) tell(result, entry, '-', difference.actual);
  for (const DumpEntry& entry : difference.actual) tell(result, entry, '+', difference.expected);
  return result;
}

}  // namespace

std::vector<std::string> contradictions(const std::string& actual_conninfo,
                                        const std::string& expected_conninfo, int major,
                                        const WitnessOptions& options) {
  // The throw-away server has no tablespaces of the live one.
  const std::vector<std::string> flags{"--no-tablespaces"};
  const std::filesystem::path pg_dump = choose_pg_dump(major);
  Dumps dumps{dump_schema(pg_dump, actual_conninfo, flags), dump_schema(pg_dump, expected_conninfo, flags)};
  Difference found = difference(dumps, options);
  if (found.empty()) return {};
  // Once more where both sides are spelled by one server; some texts are printed in a third way then.
  Restored restored(options.shadow, pg_dump);
  for (int round = 0; round < 2 && !found.empty(); ++round) {
    dumps = restored.of(dumps);
    found = difference(dumps, options);
  }
  return told(found);
}

}  // namespace plumbline
