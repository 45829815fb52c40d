#include <algorithm>
#include <charconv>

#include "postgres/text.h"
#include "tests/server/promises.h"

namespace plumbline::testing {

namespace {

constexpr std::pair<std::string_view, std::string_view> printed_names[] = {
    {"integer", "int4"},
    {"bigint", "int8"},
    {"smallint", "int2"},
    {"real", "float4"},
    {"double precision", "float8"},
    {"boolean", "bool"},
    {"character", "bpchar"},
    {"character varying", "varchar"},
    {"bit varying", "varbit"},
    {"timestamp without time zone", "timestamp"},
    {"timestamp with time zone", "timestamptz"},
    {"time without time zone", "time"},
    {"time with time zone", "timetz"},
};

bool is_open(char c) { return c == '(' || c == '['; }
bool is_close(char c) { return c == ')' || c == ']'; }

int first_number(std::string_view modifier, int otherwise) {
  std::from_chars(modifier.data(), modifier.data() + modifier.size(), otherwise);
  return otherwise;
}

std::string number(long long value) { return std::to_string(value); }

Promise length_of(const TypeName& type) {
  const bool has_length =
      type.name == "bpchar" || type.name == "varchar" || type.name == "bit" || type.name == "varbit";
  return has_length && !type.modifier.empty() ? Promise(type.modifier) : Promise(std::nullopt);
}

Promise octets_of(const TypeName& type) {
  constexpr int longest_character = 4;  // UTF8
  if (type.name != "text" && type.name != "bpchar" && type.name != "varchar") return std::nullopt;
  if (type.modifier.empty()) return "1073741824";
  return number(static_cast<long long>(first_number(type.modifier, 0)) * longest_character);
}

void promise_numbers(const TypeName& type, PromisedRow& row) {
  struct Numeric {
    std::string_view name;
    const char *precision, *radix;
    bool has_scale;
  };
  constexpr Numeric types[] = {{"int2", "16", "2", true},
                               {"int4", "32", "2", true},
                               {"int8", "64", "2", true},
                               {"float4", "24", "2", false},
                               {"float8", "53", "2", false}};
  Promise precision = std::nullopt, radix = std::nullopt, scale = std::nullopt;
  if (type.name == "numeric") {
    radix = "10";
    const auto parts = split(type.modifier, ',');
    if (!type.modifier.empty()) {
      precision = parts[0];
      constexpr int bits = 0x7ff;  // a negative scale (15+) is shown as it is packed
      scale = number((parts.size() > 1 ? first_number(parts[1], 0) : 0) & bits);
    }
  }
  for (const Numeric& each : types) {
    if (each.name != type.name) continue;
    precision = each.precision;
    radix = each.radix;
    if (each.has_scale) scale = "0";
  }
  row.facts.insert_or_assign("numeric_precision", precision);
  row.facts.insert_or_assign("numeric_precision_radix", radix);
  row.facts.insert_or_assign("numeric_scale", scale);
}

// "day to second(3)" -> 3; times have their precision alone.
void promise_times(const TypeName& type, PromisedRow& row) {
  Promise precision = std::nullopt, fields = std::nullopt;
  const std::string& modifier = type.modifier;
  if (type.name == "date") precision = "0";
  if (type.name.starts_with("time")) precision = modifier.empty() ? "6" : modifier;
  if (type.name == "interval") {
    const std::size_t open = modifier.find('(');
    const bool is_plain = !modifier.empty() && modifier.find_first_not_of("0123456789") == modifier.npos;
    precision = is_plain                ? modifier
                : open == modifier.npos ? std::string("6")
                                        : std::string(within(modifier, open));
    if (!is_plain && !modifier.empty()) {
      std::string upper = modifier;
      std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
      fields = upper;
    }
  }
  row.facts.insert_or_assign("datetime_precision", precision);
  row.facts.insert_or_assign("interval_type", fields);
}

// The collation that columns of the type have; the database's own is not published.
std::string collation_of(const Promises& promises, const TypeName& type) {
  if (type.schema == "pg_catalog" && type.name == "name") return "\"C\"";
  const auto domain = domain_of(promises, {type.schema, type.name, {}, false});
  if (!domain) return {};
  if (!(*domain)["collation"].empty()) return text((*domain)["collation"]);
  return collation_of(promises, parse_type((*domain)["type"]));
}

void promise_collation(const Promises& promises, const TypeName& type, std::string_view own,
                       PromisedRow& row) {
  const std::string collation = own.empty() ? collation_of(promises, type) : text(own);
  const auto [schema, name] = names_of(collation);
  const bool none = collation.empty() || (schema == "pg_catalog" && name == "default");
  row.facts.insert_or_assign("collation_schema", none ? Promise(std::nullopt) : Promise(schema));
  row.facts.insert_or_assign("collation_name", none ? Promise(std::nullopt) : Promise(name));
}

void promise_attributes(Promises& promises, const Object& type) {
  const std::string schema = text(type.id().schema.view()), name = text(type.id().name.view());
  for (const std::string& item : split_outside(type["attributes"], ", ")) {
    const std::size_t space = find_outside(item, " ");
    if (space == item.npos) continue;  // a type without attributes
    std::string printed_type = item.substr(space + 1), collation;
    if (const std::size_t at = find_outside(printed_type, " COLLATE "); at != printed_type.npos) {
      collation = printed_type.substr(at + 9);
      printed_type.resize(at);
    }
    const TypeName of = parse_type(printed_type);
    const auto domain = of.is_array ? std::nullopt : domain_of(promises, of);
    PromisedRow& row = promises.add("attributes", {schema, name, unquoted(item.substr(0, space))});
    promise_modifiers(promises, of, collation, row);
    row.facts.insert_or_assign("data_type", data_type(promises, of));
    row.facts.insert_or_assign("attribute_udt_schema", of.schema);
    row.facts.insert_or_assign("attribute_udt_name", udt_name(of));
    row.facts.insert_or_assign("is_nullable", yes_or_no(!domain || (*domain)["not_null"].empty()));
    row.facts.insert_or_assign("ordinal_position",
                               Promise::not_in_snapshot("the order is held, see is_in_order"));
  }
}

}  // namespace

std::string text(std::string_view view) { return std::string(view); }
std::string yes_or_no(bool yes) { return yes ? "YES" : "NO"; }

std::string unquoted(std::string_view name) {
  if (!name.starts_with('"')) return text(name);
  std::string result;
  for (std::size_t at = 1; at + 1 < name.size(); ++at) {
    result += name[at];
    if (name[at] == '"') ++at;
  }
  return result;
}

std::size_t find_outside(std::string_view sql, std::string_view what, std::size_t from) {
  char quote = 0;
  int depth = 0;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    const char c = sql[at];
    if (quote == 0 && depth == 0 && at >= from && sql.substr(at, what.size()) == what) return at;
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else {
      depth += is_open(c) ? 1 : is_close(c) ? -1 : 0;
    }
  }
  return std::string_view::npos;
}

std::vector<std::string> split_outside(std::string_view sql, std::string_view separator) {
  std::vector<std::string> parts;
  if (sql.empty()) return parts;
  while (true) {
    const std::size_t at = find_outside(sql, separator);
    parts.emplace_back(sql.substr(0, at));
    if (at == std::string_view::npos) return parts;
    sql.remove_prefix(at + separator.size());
  }
}

std::string_view within(std::string_view sql, std::size_t open) {
  char quote = 0;
  int depth = 0;
  for (std::size_t at = open; at < sql.size(); ++at) {
    const char c = sql[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '"' || c == '\'') quote = c;
    depth += is_open(c) ? 1 : is_close(c) ? -1 : 0;
    if (depth == 0 && is_close(c)) return sql.substr(open + 1, at - open - 1);
  }
  return {};
}

std::pair<std::string, std::string> names_of(std::string_view qualified) {
  const auto parts = split_outside(qualified, ".");
  if (parts.size() == 2) return {unquoted(parts[0]), unquoted(parts[1])};
  return {"pg_catalog", unquoted(qualified)};
}

TypeName parse_type(std::string_view printed_type) {
  TypeName type;
  std::string words = text(printed_type);
  if (words.ends_with("[]")) {
    type.is_array = true;
    words.resize(words.size() - 2);
  }
  if (words.starts_with("interval") && words != "interval") {
    type.modifier = words[8] == '(' ? text(within(words, 8)) : words.substr(9);
    words = "interval";
  } else if (const std::size_t open = words.find('('); open != words.npos && !words.starts_with('"')) {
    type.modifier = text(within(words, open));
    words.erase(open, type.modifier.size() + 2);
  }
  std::tie(type.schema, type.name) = names_of(words);
  const auto known =
      std::ranges::find(printed_names, words, &std::pair<std::string_view, std::string_view>::first);
  if (known != std::end(printed_names)) type.name = known->second;
  return type;
}

std::string printed(const TypeName& type) {
  const auto known =
      std::ranges::find(printed_names, type.name, &std::pair<std::string_view, std::string_view>::second);
  if (known != std::end(printed_names)) return text(known->first);
  return type.name == "char" || type.name == "any" ? "\"" + type.name + "\"" : type.name;
}

Promise data_type(const Promises& promises, const TypeName& type) {
  if (type.is_array) return "ARRAY";
  if (type.schema == "pg_catalog") {
    // These two are arrays of a fixed kind of element, by another name.
    if (type.name == "int2vector" || type.name == "oidvector") return "ARRAY";
    return printed(type);
  }
  const auto base = promises.find("base_type", type.schema, type.name);
  const bool is_array = base && !(*base)["element"].empty() && (*base)["length"] == "variable";
  return is_array ? "ARRAY" : "USER-DEFINED";
}

Promise udt_name(const TypeName& type) {
  if (!type.is_array) return type.name;
  // Another type may have the name already (makeArrayTypeName).
  constexpr std::size_t longest = 63;
  std::vector<Text> names;
  for (int count = 1; count < 4; ++count) {
    std::string name = std::string(static_cast<std::size_t>(count), '_') + type.name;
    names.emplace_back(name.substr(0, longest));
    names.emplace_back(name.substr(0, longest - 2) + "_1");
  }
  return names;
}

std::optional<Object> domain_of(const Promises& promises, const TypeName& type) {
  if (type.schema == "pg_catalog") return std::nullopt;
  return promises.find("domain", type.schema, type.name);
}

void promise_modifiers(const Promises& promises, const TypeName& type, std::string_view collation,
                       PromisedRow& row) {
  TypeName base = type;
  const auto domain = type.is_array ? std::nullopt : domain_of(promises, type);
  if (domain) base = parse_type((*domain)["type"]);
  if (base.is_array || base.schema != "pg_catalog") base = {"", "", "", false};
  row.facts.insert_or_assign("character_maximum_length", length_of(base));
  row.facts.insert_or_assign("character_octet_length", octets_of(base));
  promise_numbers(base, row);
  promise_times(base, row);
  promise_collation(promises, type, collation, row);
}

void promise_types(Promises& promises) {
  each_of(promises.snapshot, "composite_type", [&](const Object& type) {
    promises.add("user_defined_types", {text(type.id().schema.view()), text(type.id().name.view())});
    promise_attributes(promises, type);
  });
  each_of(promises.snapshot, "domain", [&](const Object& domain) {
    PromisedRow& row =
        promises.add("domains", {text(domain.id().schema.view()), text(domain.id().name.view())});
    const TypeName base = parse_type(domain["type"]);
    promise_modifiers(promises, {text(domain.id().schema.view()), text(domain.id().name.view()), "", false},
                      "", row);
    // The domain itself is asked whether it is an array, and is none.
    const bool is_own = base.schema == "pg_catalog";
    row.facts.insert_or_assign("data_type",
                               is_own ? printed(base) + (base.is_array ? "[]" : "") : "USER-DEFINED");
    row.facts.insert_or_assign("udt_schema", base.schema);
    row.facts.insert_or_assign("udt_name", udt_name(base));
    row.facts.insert_or_assign(
        "domain_default", domain["default"].empty() ? Promise(std::nullopt) : Promise(domain["default"]));
  });
}

}  // namespace plumbline::testing
