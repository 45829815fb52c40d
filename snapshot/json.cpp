#include "snapshot/json.h"

#include <algorithm>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <unordered_map>
#include <vector>

#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

constexpr std::string_view format_name = "plumbline-snapshot";

// A JSON string. Most texts need no escape, and then nothing is built.
void put_text(std::ostream& out, std::string_view text) {
  const auto plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  if (std::ranges::all_of(text, plain)) {
    out << '"' << text << '"';
  } else {
    out << nlohmann::json(text).dump();
  }
}

bool is_child_kind(const Kind& kind) { return !kind.parent_kinds.empty(); }

// The kinds below whose objects one of this kind is written: its parents', or, where a parent is a child itself (a
// default's column), the parents' of that.
std::vector<const Kind*> written_below(const Kind& kind) {
  std::vector<const Kind*> result;
  for (const std::string& name : split(kind.parent_kinds, ' ')) {
    const Kind* parent = find_kind(name);
    if (!parent) continue;
    const std::vector<const Kind*> above = written_below(*parent);
    if (above.empty()) result.push_back(parent);
    result.insert(result.end(), above.begin(), above.end());
  }
  return result;
}

class Writer {
 public:
  Writer(const Snapshot& snapshot, std::ostream& out) : snapshot_(snapshot), out_(out) {
    for (const Kind* kind : all_kinds()) {
      for (const Kind* parent : written_below(*kind)) {
        parents_[kind].push_back(parent);
        children_[parent].push_back(kind);
      }
    }
  }

  void write() {
    out_ << "{\n  \"format\": \"" << format_name << "\",\n  \"version\": " << snapshot_format_version
         << ",\n  \"server_version\": " << snapshot_.server_version << ",\n  \"unreadable\": [";
    for (const std::string& text : snapshot_.unreadable) {
      out_ << (&text == snapshot_.unreadable.data() ? "\n    " : ",\n    ");
      put_text(out_, text);
    }
    out_ << (snapshot_.unreadable.empty() ? "]" : "\n  ]") << ",\n  \"objects\": {";
    write_objects();
    out_ << "\n  }\n}\n";
  }

 private:
  // Objects of one kind are neighbours. Those with a parent are written below it; the few whose parent is not
  // in the snapshot (it belongs to an extension) stand under their own kind.
  void write_objects() {
    const Kind* open = nullptr;
    for (std::size_t place = 0; place < snapshot_.size(); ++place) {
      const Object object = snapshot_[place];
      if (has_parent(object.id())) continue;
      if (open != object.id().kind) {
        out_ << (open ? "\n    ],\n    " : "\n    ");
        put_text(out_, object.id().kind->name);
        out_ << ": [";
      }
      out_ << (open == object.id().kind ? ",\n      " : "\n      ");
      open = object.id().kind;
      write_object(object, 6, true);
    }
    if (open) out_ << "\n    ]";
  }

  bool has_parent(const ObjectId& child) const {
    const auto parents = parents_.find(child.kind);
    return parents != parents_.end() && std::ranges::any_of(parents->second, [&](const Kind* kind) {
             return snapshot_.find({kind, child.schema, {}, child.parent}).has_value();
           });
  }

  void write_object(const Object& object, int indent, bool with_place) {
    out_ << "{";
    first_ = true;
    if (with_place && !object.id().schema.empty()) member("schema", object.id().schema.view(), indent);
    if (with_place && !object.id().parent.empty()) member("parent", object.id().parent.view(), indent);
    member("name", object.id().name.view(), indent);
    const auto attributes = object.id().kind->attributes;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (!object.values()[i].empty()) member(attributes[i].name, object.values()[i].view(), indent);
    }
    if (with_place && !is_child_kind(*object.id().kind)) write_children(object, indent);
    out_ << "\n" << std::string(static_cast<std::size_t>(indent), ' ') << "}";
  }

  void write_children(const Object& parent, int indent) {
    const std::string pad(static_cast<std::size_t>(indent) + 2, ' ');
    const auto kinds = children_.find(parent.id().kind);
    if (kinds == children_.end()) return;
    bool any = false;
    for (const Kind* kind : kinds->second) {
      const std::vector<Object> children = snapshot_.children(parent.id(), *kind);
      if (children.empty()) continue;
      out_ << ",\n" << pad << (any ? "" : "\"children\": {\n" + pad) << "  \"" << kind->name << "\": [";
      any = true;
      for (std::size_t i = 0; i < children.size(); ++i) {
        out_ << (i ? ",\n" : "\n") << pad << "    ";
        write_object(children[i], indent + 6, false);
      }
      out_ << "\n" << pad << "  ]";
    }
    if (any) out_ << "\n" << pad << "}";
  }

  void member(std::string_view name, std::string_view value, int indent) {
    out_ << (first_ ? "\n" : ",\n") << std::string(static_cast<std::size_t>(indent) + 2, ' ') << '"' << name
         << "\": ";
    put_text(out_, value);
    first_ = false;
  }

  const Snapshot& snapshot_;
  std::ostream& out_;
  std::unordered_map<const Kind*, std::vector<const Kind*>> parents_, children_;
  bool first_ = true;
};

// Takes the file apart while it is read: nothing of it is kept but the objects.
class Reader : public nlohmann::json_sax<nlohmann::json> {
 public:
  Reader(SymbolTable& symbols, const std::string& name) : symbols_(symbols), name_(name) {}

  Snapshot take() {
    if (!saw_format_) refuse("is no snapshot of plumbline");
    snapshot_.seal();
    return std::move(snapshot_);
  }

  bool null() override { return refuse("holds a null where none can be"); }
  bool boolean(bool) override { return refuse("holds a boolean where none can be"); }
  bool number_integer(number_integer_t value) override { return number(value); }
  bool number_unsigned(number_unsigned_t value) override {
    return number(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t, const string_t&) override { return refuse("holds a fraction"); }
  bool binary(binary_t&) override { return refuse("holds binary data"); }

  bool string(string_t& value) override {
    if (depth_ == 1 && key_ == "format") {
      saw_format_ = value == format_name;
      return saw_format_ || refuse("is no snapshot of plumbline");
    }
    if (!levels_.empty() && levels_.back().in_object) return attribute(value);
    if (depth_ == 2 && section_ == "unreadable") snapshot_.unreadable.push_back(value);
    return true;
  }

  bool key(string_t& value) override {
    key_ = value;
    if (depth_ == 1) section_ = value;
    return true;
  }

  bool start_object(std::size_t) override {
    ++depth_;
    // In the list of a kind every object is one of that kind.
    if (!levels_.empty() && !levels_.back().in_object) begin_object();
    return true;
  }

  bool end_object() override {
    --depth_;
    if (!levels_.empty() && levels_.back().in_object && levels_.back().depth == depth_ + 1) finish_object();
    return true;
  }

  bool start_array(std::size_t) override {
    ++depth_;
    if (section_ != "objects") return true;
    const Kind* kind = find_kind(key_);
    if (!kind) return refuse("holds objects of the unknown kind \"" + key_ + "\"");
    levels_.push_back({.kind = kind, .depth = depth_, .in_object = false, .id = {}, .values = {}});
    return true;
  }

  bool end_array() override {
    --depth_;
    if (!levels_.empty()) levels_.pop_back();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    throw Error("\"" + name_ + "\" is no complete JSON file (at byte " + std::to_string(position) + ")",
                "It may have been cut off while it was written; write it again.");
  }

 private:
  struct Level {
    const Kind* kind;
    int depth;
    bool in_object;
    ObjectId id;
    std::vector<Symbol> values;
  };

  bool refuse(const std::string& why) {
    throw Error("\"" + name_ + "\" " + why, "Write the snapshot again with \"plumbline snapshot\".");
  }

  bool number(number_integer_t value) {
    if (depth_ != 1) return refuse("holds a number where none can be");
    if (key_ == "server_version") snapshot_.server_version = static_cast<int>(value);
    if (key_ == "version" && value > snapshot_format_version) {
      throw Error("\"" + name_ + "\" has snapshot format " + std::to_string(value) +
                      ", this plumbline reads up to " + std::to_string(snapshot_format_version),
                  "Use the plumbline that wrote it, or a newer one.");
    }
    return true;
  }

  void begin_object() {
    const Level above = levels_.back();
    ObjectId id{above.kind, {}, {}, {}};
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
      if (!level->in_object) continue;
      id.schema = level->id.schema;
      // A default is named by table and column, and stands in the table's list.
      id.parent = level->id.name;
      break;
    }
    levels_.push_back({.kind = above.kind,
                       .depth = depth_,
                       .in_object = true,
                       .id = id,
                       .values = std::vector<Symbol>(above.kind->attributes.size())});
  }

  void finish_object() {
    if (levels_.back().id.name.empty()) refuse("holds an object without a name");
    snapshot_.add(levels_.back().id, levels_.back().values);
    levels_.pop_back();
  }

  bool attribute(const std::string& value) {
    Level& level = levels_.back();
    const Symbol symbol = symbols_.intern(value);
    if (key_ == "schema") {
      level.id.schema = symbol;
    } else if (key_ == "parent") {
      level.id.parent = symbol;
    } else if (key_ == "name") {
      level.id.name = symbol;
    } else {
      level.values[attribute_index(*level.kind, key_)] = symbol;
    }
    return true;
  }

  SymbolTable& symbols_;
  const std::string& name_;
  Snapshot snapshot_;
  std::vector<Level> levels_;
  std::string key_, section_;
  int depth_ = 0;
  bool saw_format_ = false;
};

}  // namespace

void write_json(const Snapshot& snapshot, std::ostream& out) { Writer(snapshot, out).write(); }

Snapshot read_json(std::istream& in, SymbolTable& symbols, const std::string& name) {
  Reader reader(symbols, name);
  nlohmann::json::sax_parse(in, &reader);
  return reader.take();
}

}  // namespace plumbline
