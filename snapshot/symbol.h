#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace plumbline {

// An interned string. Snapshots that are compared share one SymbolTable: equal pointers, equal texts.
class Symbol {
 public:
  std::string_view view() const { return text_ ? std::string_view(*text_) : std::string_view(); }
  bool empty() const { return text_ == nullptr; }
  const void* key() const { return text_; }
  friend bool operator==(Symbol, Symbol) = default;

 private:
  friend class SymbolTable;
  const std::string* text_ = nullptr;
};

// Owns the texts; they live as long as the table. intern() may be called from several threads.
class SymbolTable {
 public:
  SymbolTable() = default;
  SymbolTable(const SymbolTable&) = delete;
  SymbolTable& operator=(const SymbolTable&) = delete;

  Symbol intern(std::string_view text);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Shard {  // so that readers of different kinds do not wait for each other
    std::mutex mutex;
    std::unordered_set<std::string, Hash, std::equal_to<>> texts;
  };
  std::array<Shard, 16> shards_;
};

}  // namespace plumbline
