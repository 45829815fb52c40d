// validate_json SCHEMA FILE: exits 0 when the file is as the JSON Schema says, else says what is not.
#include <fstream>
#include <iostream>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

int main(int count, char** words) {
  using Json = nlohmann::json;
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  if (count != 3) return 64;
  try {
    std::ifstream schema_file(words[1]), file(words[2]);
    const Json schema_json = Json::parse(schema_file), json = Json::parse(file);
    valijson::Schema schema;
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(schema_json), schema);
    valijson::ValidationResults results;
    if (valijson::Validator().validate(schema, Adapter(json), &results)) return 0;
    for (valijson::ValidationResults::Error error; results.popError(error);) {
      for (const std::string& step : error.context) std::cerr << step;
      std::cerr << ": " << error.description << "\n";
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
  }
  return 1;
}
