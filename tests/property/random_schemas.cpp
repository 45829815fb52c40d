#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "postgres/text.h"
#include "tests/property/random_schema.h"

// Writes pairs of random schemas for tests/real/harmless: DIRECTORY/N.before.sql and N.after.sql, which are
// one schema after some changes and after some others. The same seed writes the same.
namespace {

using plumbline::testing::RandomSchema;

constexpr int largest = 25;  // RapidCheck's size: how long names and texts get

std::string statements(const RandomSchema& schema) {
  std::string result =
      "SET check_function_bodies = off;\nCREATE SCHEMA " + plumbline::quote_identifier(schema.name) + ";\n";
  for (const auto& object : schema.objects) {
    for (const std::string& statement : object) result += statement + ";\n";
  }
  return result;
}

// Some of the changes; where two exclude each other, the second one fails and nothing happens.
std::string some_changes(const RandomSchema& schema, rc::Random& random) {
  std::string result;
  if (schema.changes.empty()) return result;
  for (auto left = 1 + random.next() % 4; left > 0; --left)
    result += schema.changes[random.next() % schema.changes.size()].sql + ";\n";
  return result;
}

int number(const char* text) {
  int result = 0;
  const std::string_view digits = text;
  std::from_chars(digits.data(), digits.data() + digits.size(), result);
  return result;
}

}  // namespace

int main(int count_of_words, char** words) {
  if (count_of_words != 4) {
    std::cerr << "usage: random_schemas SEED COUNT DIRECTORY\n";
    return 64;
  }
  rc::Random seeds(static_cast<std::uint64_t>(number(words[1])));
  const std::filesystem::path directory = words[3];
  const auto generator = plumbline::testing::random_schema();
  for (int i = 0; i < number(words[2]); ++i) {
    rc::Random random = seeds.split();
    const RandomSchema schema = generator(random.split(), 1 + i % largest).value();
    const std::string start = statements(schema);
    for (const char* side : {".before.sql", ".after.sql"})
      std::ofstream(directory / (std::to_string(i) + side), std::ios::binary)
          << start << some_changes(schema, random);
  }
}
