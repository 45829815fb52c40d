#include "snapshot/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <unordered_map>
#include <vector>

#include "postgres/text.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

// Collects what goes to a stream, whose every call costs something.
class Buffer {
 public:
  explicit Buffer(std::ostream& out) : out_(out) { text_.reserve(2 * flush_at); }
  ~Buffer() { flush(); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  Buffer& operator<<(std::string_view text) {
    text_.append(text);
    if (text_.size() >= flush_at) flush();
    return *this;
  }
  Buffer& operator<<(char c) {
    text_.push_back(c);
    return *this;
  }
  Buffer& operator<<(int number) { return *this << std::string_view(std::to_string(number)); }
  void indent(int spaces) { text_.append(static_cast<std::size_t>(spaces), ' '); }

 private:
  static constexpr std::size_t flush_at = 1 << 16;

  void flush() {
    out_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
    text_.clear();
  }

  std::ostream& out_;
  std::string text_;
};

// A JSON string. Most texts need no escape, and then nothing is built.
void put_text(Buffer& out, std::string_view text) {
  const auto plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  if (std::ranges::all_of(text, plain)) {
    out << '"' << text << '"';
  } else {
    out << nlohmann::json(text).dump();
  }
}

bool is_child_kind(const Kind& kind) { return !kind.parent_kinds.empty(); }

// The kinds below whose objects one of this kind is written: its parents', or, where a parent is a child
// itself (a default's column), the parents' of that.
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
    out_ << "{\n  \"format\": \"" << snapshot_format_name << "\",\n  \"version\": " << snapshot_format_version
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
    out_ << '\n';
    out_.indent(indent);
    out_ << '}';
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
    out_ << (first_ ? "\n" : ",\n");
    out_.indent(indent + 2);
    out_ << '"' << name << "\": ";
    put_text(out_, value);
    first_ = false;
  }

  const Snapshot& snapshot_;
  Buffer out_;
  std::unordered_map<const Kind*, std::vector<const Kind*>> parents_, children_;
  bool first_ = true;
};

}  // namespace

void write_json(const Snapshot& snapshot, std::ostream& out) { Writer(snapshot, out).write(); }

}  // namespace plumbline
