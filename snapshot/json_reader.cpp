#include <algorithm>
#include <charconv>
#include <istream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/json.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

// Takes the file apart while it is read: nothing of it is kept but the objects.
class Reader : public nlohmann::json_sax<nlohmann::json> {
 public:
  Reader(SymbolTable& symbols, const std::string& name) : symbols_(symbols), name_(name) {}

  Snapshot take() {
    for (const std::string_view member : {"version", "server_version", "objects"}) {
      if (!seen_.contains(member)) refuse("lacks \"" + std::string(member) + "\"");
    }
    try {
      snapshot_.seal();
    } catch (Error& error) {
      error.during("reading \"" + name_ + "\"");
      throw;
    }
    set_addresses();
    return std::move(snapshot_);
  }

  bool null() override { return refuse("holds a null where none can be"); }
  bool boolean(bool) override { return refuse("holds a boolean where none can be"); }
  bool number_integer(number_integer_t value) override { return number(value); }
  bool number_unsigned(number_unsigned_t value) override {
    constexpr auto most = static_cast<number_unsigned_t>(std::numeric_limits<int>::max());
    return number(static_cast<number_integer_t>(std::min(value, most)));
  }
  bool number_float(number_float_t, const string_t&) override { return refuse("holds a fraction"); }
  bool binary(binary_t&) override { return refuse("holds binary data"); }

  bool string(string_t& value) override {
    if (where() == Where::object) return attribute(value);
    if (where() == Where::unreadable) {
      snapshot_.unreadable.push_back(value);
      return true;
    }
    if (where() == Where::oids) {
      oids_[key_] = value;
      return true;
    }
    if (where() == Where::head && key_ == "identity") {
      snapshot_.database = value;
      return true;
    }
    if (where() == Where::head && key_ == "format") return value == snapshot_format_name || refuse_format();
    return refuse("holds a text where none can be");
  }

  bool key(string_t& value) override {
    key_ = value;
    if (where() == Where::head && !seen_.insert(value).second) refuse("says \"" + value + "\" twice");
    return true;
  }

  bool start_object(std::size_t) override {
    switch (where()) {
      case Where::outside:
        levels_.push_back({.where = Where::head});
        return true;
      case Where::head:
        if (key_ == "objects") return start_kinds();
        if (key_ != "oids") break;
        levels_.push_back({.where = Where::oids});
        return true;
      case Where::object:
        if (key_ == "children") return start_kinds();
        break;
      case Where::list:
        return begin_object();
      default:
        break;
    }
    return refuse("holds an object where none can be");
  }

  bool end_object() override {
    if (where() == Where::object) finish_object();
    levels_.pop_back();
    return true;
  }

  bool start_array(std::size_t) override {
    if (where() == Where::head && key_ == "unreadable") {
      levels_.push_back({.where = Where::unreadable});
      return true;
    }
    if (where() == Where::outside) return refuse_format();
    if (where() != Where::kinds) return refuse("holds a list where none can be");
    const Kind* kind = find_kind(key_);
    if (!kind) return refuse("holds objects of the unknown kind \"" + key_ + "\"");
    levels_.push_back({.where = Where::list, .kind = kind});
    return true;
  }

  bool end_array() override {
    levels_.pop_back();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    throw Error("\"" + name_ + "\" is no complete JSON file (at byte " + std::to_string(position) + ")",
                "It may have been cut off while it was written; write it again.");
  }

 private:
  enum class Where { outside, head, unreadable, oids, kinds, list, object };
  struct Level {
    Where where = Where::outside;
    const Kind* kind = nullptr;  // of a list and of an object
    ObjectId id = {};
    std::vector<Symbol> values = {};
  };

  Where where() const { return levels_.empty() ? Where::outside : levels_.back().where; }

  bool refuse(const std::string& why) {
    if (!levels_.empty() && !seen_.contains("format")) return refuse_format();
    throw Error("\"" + name_ + "\" " + why, "Write the snapshot again with \"plumbline snapshot\".");
  }

  bool refuse_format() {
    throw Error("\"" + name_ + "\" is no snapshot of plumbline",
                "Give a file that \"plumbline snapshot\" wrote.");
  }

  bool number(number_integer_t value) {
    const bool known = key_ == "version" || key_ == "server_version";
    if (where() != Where::head || !known) return refuse("holds a number where none can be");
    if (value < 1) return refuse("has the " + key_ + " " + std::to_string(value));
    if (key_ == "server_version") {
      snapshot_.server_version = static_cast<int>(value);
    } else if (value > snapshot_format_version) {
      throw Error("\"" + name_ + "\" has snapshot format " + std::to_string(value) +
                      ", this plumbline reads up to " + std::to_string(snapshot_format_version),
                  "Use the plumbline that wrote it, or a newer one.");
    }
    return true;
  }

  // One number for each object of a kind; "16385/2" is a column. Those of a kind that we do not know are
  // left.
  void set_addresses() {
    std::size_t begin = 0;
    while (begin < snapshot_.size() && !oids_.empty()) {
      const Kind* kind = snapshot_.id(begin).kind;
      std::size_t end = begin;
      while (end < snapshot_.size() && snapshot_.id(end).kind == kind) ++end;
      const auto listed = oids_.find(kind->name);
      if (listed != oids_.end()) {
        const std::vector<std::string> numbers = split(listed->second, ' ');
        if (numbers.size() != end - begin) refuse("has other OIDs than objects");
        for (std::size_t i = 0; i < numbers.size(); ++i)
          snapshot_.set_address(begin + i, address_of(numbers[i]));
      }
      begin = end;
    }
  }

  OidAddress address_of(const std::string& text) {
    OidAddress address;
    const char* const last = text.data() + text.size();
    auto read = std::from_chars(text.data(), last, address.oid);
    if (read.ec == std::errc() && read.ptr != last && *read.ptr == '/')
      read = std::from_chars(read.ptr + 1, last, address.part);
    if (read.ec != std::errc() || read.ptr != last) refuse("has the OID \"" + text + "\"");
    return address;
  }

  bool start_kinds() {
    levels_.push_back({.where = Where::kinds});
    return true;
  }

  bool begin_object() {
    const Kind* kind = levels_.back().kind;
    Level object{.where = Where::object, .kind = kind};
    object.id.kind = kind;
    object.values.resize(kind->attributes.size());
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
      if (level->where != Where::object) continue;
      object.id.schema = level->id.schema;
      // A default is named by table and column, and stands in the table's list.
      object.id.parent = level->id.name;
      break;
    }
    levels_.push_back(std::move(object));
    return true;
  }

  void finish_object() {
    const Level& level = levels_.back();
    if (level.id.name.empty()) refuse("holds an object without a name");
    snapshot_.add(level.id, level.values);
  }

  bool attribute(const std::string& value) {
    Level& level = levels_.back();
    Symbol* place = nullptr;
    if (key_ == "schema") {
      place = &level.id.schema;
    } else if (key_ == "parent") {
      place = &level.id.parent;
    } else if (key_ == "name") {
      place = &level.id.name;
    } else {
      place = &level.values[attribute_named(*level.kind)];
    }
    *place = symbols_.intern(value);
    return true;
  }

  // Of attributes with one name, each server version has one.
  std::size_t attribute_named(const Kind& kind) {
    const int version = snapshot_.server_version;
    const auto fits = [&](const Attribute& attribute) {
      return attribute.name == key_ && attribute.since <= version &&
             (attribute.until == 0 || version <= attribute.until);
    };
    auto found = std::ranges::find_if(kind.attributes, fits);
    if (found == kind.attributes.end()) found = std::ranges::find(kind.attributes, key_, &Attribute::name);
    if (found == kind.attributes.end()) {
      refuse("gives a " + std::string(kind.label) + " the unknown attribute \"" + key_ + "\"");
    }
    return static_cast<std::size_t>(found - kind.attributes.begin());
  }

  SymbolTable& symbols_;
  const std::string& name_;
  Snapshot snapshot_;
  std::vector<Level> levels_;
  std::set<std::string, std::less<>> seen_;  // members of the file itself
  std::string key_;
  std::map<std::string, std::string, std::less<>> oids_;  // by kind
};

}  // namespace

Snapshot read_json(std::istream& in, SymbolTable& symbols, const std::string& name) {
  Reader reader(symbols, name);
  nlohmann::json::sax_parse(in, &reader);
  return reader.take();
}

}  // namespace plumbline
