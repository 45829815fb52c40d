// Any bytes as a migration file: splitting and loading end in statements or in an Error, and every statement
// is a part of the file where it says it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "migrations/directory.h"
#include "migrations/parser.h"
#include "postgres/error.h"

namespace {

void check_places(const plumbline::MigrationDirectory& directory, const std::string& bytes) {
  for (const plumbline::Migration& migration : directory.migrations) {
    for (const plumbline::SqlStatement& statement : migration.up) {
      if (statement.offset >= bytes.size() || bytes[statement.offset] != statement.text.at(0)) std::abort();
      if (plumbline::normalised(statement.text).empty()) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const char* convention : {"numbered", "plumbline", "goose", "node-pg-migrate"}) {
    plumbline::MigrationOptions options;
    options.convention = convention;
    try {
      check_places(plumbline::load_migrations(options, {{"20240131_120000_a.sql", bytes}}), bytes);
    } catch (const plumbline::Error&) {
      continue;
    }
  }
  return 0;
}
