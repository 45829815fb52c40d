#include "snapshot/json.h"

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <ostream>
#include <span>
#include <unordered_map>
#include <vector>

#include "postgres/text.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

// Collects text.
class Buffer {
 public:
  Buffer& operator<<(std::string_view text) {
    text_.append(text);
    return *this;
  }
  Buffer& operator<<(char c) {
    text_.push_back(c);
    return *this;
  }
  void indent(int spaces) { text_.append(static_cast<std::size_t>(spaces), ' '); }
  std::string take() { return std::move(text_); }

 private:
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

// Which kinds stand below which.
struct Nesting {
  Nesting() {
    for (const Kind* kind : all_kinds()) {
      for (const Kind* parent : written_below(*kind)) {
        parents[kind].push_back(parent);
        children[parent].push_back(kind);
      }
    }
  }
  std::unordered_map<const Kind*, std::vector<const Kind*>> parents, children;
};

// The places of the objects that are written as such, not below their parent.
class Outermost {
 public:
  Outermost(const Snapshot& snapshot, const Nesting& nesting) : snapshot_(snapshot), nesting_(nesting) {}

  // Those whose parent is not in the snapshot (it belongs to an extension) are among them.
  std::vector<std::size_t> places() {
    std::vector<std::size_t> result;
    for (std::size_t place = 0; place < snapshot_.size(); ++place) {
      if (!has_parent(snapshot_.id(place))) result.push_back(place);
    }
    return result;
  }

 private:
  // Neighbours mostly have the same parent.
  bool has_parent(const ObjectId& child) {
    const ObjectId parent{child.kind, child.schema, {}, child.parent};
    if (!(parent == last_parent_)) {
      last_parent_ = parent;
      const auto parents = nesting_.parents.find(child.kind);
      last_is_there_ =
          parents != nesting_.parents.end() && std::ranges::any_of(parents->second, [&](const Kind* kind) {
            return snapshot_.find({kind, child.schema, {}, child.parent}).has_value();
          });
    }
    return last_is_there_;
  }

  const Snapshot& snapshot_;
  const Nesting& nesting_;
  ObjectId last_parent_;
  bool last_is_there_ = false;
};

// Writes some objects with what stands below them.
class Part {
 public:
  Part(const Snapshot& snapshot, const Nesting& nesting) : snapshot_(snapshot), nesting_(nesting) {}

  // Objects of one kind are neighbours and make a list; `open` is the kind whose list has begun.
  std::string write(std::span<const std::size_t> places, const Kind* open) {
    for (const std::size_t place : places) {
      const Object object = snapshot_[place];
      if (open != object.id().kind) {
        out_ << (open ? "\n    ],\n    " : "\n    ");
        put_text(out_, object.id().kind->name);
        out_ << ": [";
      }
      out_ << (open == object.id().kind ? ",\n      " : "\n      ");
      open = object.id().kind;
      write_object(object, 6, true);
    }
    return out_.take();
  }

 private:
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
    const auto kinds = nesting_.children.find(parent.id().kind);
    if (kinds == nesting_.children.end()) return;
    bool any = false;
    for (const Kind* kind : kinds->second) {
      std::size_t& place = children_from_[kind];
      place = snapshot_.first_from({kind, parent.id().schema, parent.id().name, {}}, place);
      if (!is_child(place, parent.id(), *kind)) continue;
      out_ << ",\n" << pad << (any ? "" : "\"children\": {\n" + pad) << "  \"" << kind->name << "\": [";
      any = true;
      for (bool first = true; is_child(place, parent.id(), *kind); ++place, first = false) {
        out_ << (first ? "\n" : ",\n") << pad << "    ";
        write_object(snapshot_[place], indent + 6, false);
      }
      out_ << "\n" << pad << "  ]";
    }
    if (any) out_ << "\n" << pad << "}";
  }

  bool is_child(std::size_t place, const ObjectId& parent, const Kind& kind) const {
    if (place >= snapshot_.size()) return false;
    const ObjectId& id = snapshot_.id(place);
    return id.kind == &kind && id.schema == parent.schema && id.parent == parent.name;
  }

  void member(std::string_view name, std::string_view value, int indent) {
    out_ << (first_ ? "\n" : ",\n");
    out_.indent(indent + 2);
    out_ << '"' << name << "\": ";
    put_text(out_, value);
    first_ = false;
  }

  const Snapshot& snapshot_;
  const Nesting& nesting_;
  Buffer out_;
  std::unordered_map<const Kind*, std::size_t> children_from_;  // where the next parent's are likely to be
  bool first_ = true;
};

// The OIDs of each kind's objects in the order of their schema, parent and name. They stand apart from the
// objects, so that two databases with one schema have the same text there.
void put_addresses(Buffer& out, const Snapshot& snapshot) {
  if (snapshot.database.empty()) return;
  out << ",\n  \"identity\": ";
  put_text(out, snapshot.database);
  out << ",\n  \"oids\": {";
  const Kind* open = nullptr;
  for (std::size_t place = 0; place < snapshot.size(); ++place) {
    const Kind* kind = snapshot.id(place).kind;
    if (kind != open) out << (open ? "\", \"" : "\"") << kind->name << "\": \"";
    if (kind == open) out << ' ';
    open = kind;
    const OidAddress address = snapshot.address(place);
    out << std::to_string(address.oid);
    if (address.part != 0) out << '/' << std::to_string(address.part);
  }
  out << (open ? "\"}" : "}");
}

std::string head(const Snapshot& snapshot) {
  Buffer out;
  out << "{\n  \"format\": \"" << snapshot_format_name
      << "\",\n  \"version\": " << std::to_string(snapshot_format_version)
      << ",\n  \"server_version\": " << std::to_string(snapshot.server_version) << ",\n  \"unreadable\": [";
  for (const std::string& text : snapshot.unreadable) {
    out << (&text == snapshot.unreadable.data() ? "\n    " : ",\n    ");
    put_text(out, text);
  }
  out << (snapshot.unreadable.empty() ? "]" : "\n  ]");
  put_addresses(out, snapshot);
  out << ",\n  \"objects\": {";
  return out.take();
}

// What one thread writes at a time: few enough that two of them in memory do not count.
constexpr std::size_t objects_in_part = 500;

}  // namespace

void write_json(const Snapshot& snapshot, std::ostream& out) {
  const Nesting nesting;
  const std::vector<std::size_t> places = Outermost(snapshot, nesting).places();
  const auto part = [&](std::size_t begin) {
    const std::size_t count = std::min(objects_in_part, places.size() - begin);
    const Kind* open = begin > 0 ? snapshot.id(places[begin - 1]).kind : nullptr;
    return Part(snapshot, nesting).write(std::span(places).subspan(begin, count), open);
  };
  out << head(snapshot);
  for (std::size_t begin = 0; begin < places.size(); begin += 2 * objects_in_part) {
    const std::size_t second = begin + objects_in_part;
    std::future<std::string> next;
    if (second < places.size()) next = std::async(std::launch::async, part, second);
    out << part(begin);
    if (next.valid()) out << next.get();
  }
  out << (places.empty() ? "" : "\n    ]") << "\n  }\n}\n";
}

}  // namespace plumbline
