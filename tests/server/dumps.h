#pragma once

#include <catch2/catch.hpp>

#include "expected/shadow.h"
#include "postgres/error.h"
#include "tests/server/server.h"

namespace plumbline::testing {

// Whether this machine has a pg_dump for a server of that major.
inline bool can_be_dumped(int version) {
  try {
    choose_pg_dump(version);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// The newest server that this machine can both run and dump; 0: none.
inline int newest_with_dump() {
  for (const int version : available_versions()) {
    if (can_be_dumped(version)) return version;
  }
  return 0;
}

inline void skip_without_dump() { WARN("skipped: no pg_dump here that reads one of the servers"); }

}  // namespace plumbline::testing
