#include "expected/attribution_json.h"

#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "postgres/error.h"
#include "snapshot/kinds.h"

namespace plumbline {

// One line an object: [kind, schema, parent, name, created file, line, changed file, line, {attribute: [file,
// line]}].
void write_json(const Attribution& attribution, std::ostream& out) {
  const char* separator = "[\n";
  for (const auto& [id, provenance] : attribution) {
    nlohmann::json attributes = nlohmann::json::object();
    for (const auto& [i, place] : provenance.attributes) {
      attributes[std::string(id.kind->attributes[i].name)] = {place.file, place.line};
    }
    const nlohmann::json line = {id.kind->name,           id.schema.view(),        id.parent.view(),
                                 id.name.view(),          provenance.created.file, provenance.created.line,
                                 provenance.changed.file, provenance.changed.line, attributes};
    out << separator << line.dump();
    separator = ",\n";
  }
  out << (attribution.empty() ? "[]\n" : "\n]\n");
}

Attribution read_attribution(std::istream& in, SymbolTable& symbols, const std::string& name) {
  try {
    Attribution result;
    const nlohmann::json lines = nlohmann::json::parse(in);
    if (!lines.is_array()) throw Error("\"" + name + "\" holds no attribution");
    for (const nlohmann::json& line : lines) {
      const auto text = [&](std::size_t i) {
        return symbols.intern(line.at(i).get_ref<const std::string&>());
      };
      const Kind* kind = find_kind(text(0).view());
      if (!kind) throw Error("unknown kind in \"" + name + "\"");
      Provenance& provenance = result[{kind, text(1), text(2), text(3)}];
      provenance.created = {line.at(4), line.at(5)};
      provenance.changed = {line.at(6), line.at(7)};
      for (const auto& [attribute, place] : line.at(8).items()) {
        provenance.attributes[attribute_index(*kind, attribute)] = {place.at(0), place.at(1)};
      }
    }
    return result;
  } catch (const nlohmann::json::exception&) {
    throw Error("\"" + name + "\" holds no attribution", "Delete the file; it will be written again.");
  }
}

}  // namespace plumbline
