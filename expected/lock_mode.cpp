#include "expected/lock_mode.h"

#include <algorithm>
#include <array>

namespace plumbline {

namespace {

// From the weakest to the strongest.
constexpr std::array<LockMode, 8> modes{
    {{"AccessShareLock", "ACCESS SHARE", ""},
     {"RowShareLock", "ROW SHARE", ""},
     {"RowExclusiveLock", "ROW EXCLUSIVE", ""},
     {"ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE", "other migrations"},
     {"ShareLock", "SHARE", "writes"},
     {"ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE", "writes"},
     {"ExclusiveLock", "EXCLUSIVE", "writes"},
     {"AccessExclusiveLock", "ACCESS EXCLUSIVE", "reads and writes"}}};

}  // namespace

const LockMode* find_lock_mode(std::string_view shown) {
  const auto found = std::ranges::find(modes, shown, &LockMode::shown);
  return found == modes.end() ? nullptr : &*found;
}

bool is_weaker(const LockMode& one, const LockMode& other) { return &one < &other; }

}  // namespace plumbline
