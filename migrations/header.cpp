#include "migrations/header.h"

#include "migrations/parser.h"
#include "postgres/text.h"

namespace plumbline {

std::string header_value(std::string_view bytes, std::string_view key) {
  for (const std::string& raw : split(bytes.substr(0, 10'000), '\n')) {
    std::string_view line = trim(raw);
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.empty()) continue;
    if (!line.starts_with("--") || line.find("===") != std::string_view::npos) break;
    line = trim(line.substr(2));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && to_lower(line.substr(0, colon)) == key) {
      return std::string(trim(line.substr(colon + 1)));
    }
  }
  return {};
}

bool is_named(const Migration& migration, std::string_view name) {
  const std::size_t slash = migration.file.rfind('/') + 1;  // npos + 1 is 0
  const std::string_view stem =
      std::string_view(migration.file).substr(slash, migration.file.size() - slash - 4);
  return migration.version == name || stem == name || std::string_view(migration.file).substr(slash) == name;
}

std::string statements_checksum(std::span<const SqlStatement> statements) {
  std::string text;
  for (const SqlStatement& statement : statements)
    text += normalised(statement.text) + ";\n" + statement.data;
  return sha256_hex(text);
}

}  // namespace plumbline
