#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace plumbline {

// An interned string. Snapshots that are compared share one SymbolTable: equal pointers, equal texts.
class Symbol {
 public:
  std::string_view view() const { return text_ ? *text_ : std::string_view(); }
  bool empty() const { return text_ == nullptr; }
  const void* key() const { return text_; }
  friend bool operator==(Symbol, Symbol) = default;

 private:
  friend class SymbolTable;
  const std::string_view* text_ = nullptr;
};

// Owns the texts; they live as long as the table. intern() may be called from several threads.
class SymbolTable {
 public:
  SymbolTable() = default;
  SymbolTable(const SymbolTable&) = delete;
  SymbolTable& operator=(const SymbolTable&) = delete;

  Symbol intern(std::string_view text);

 private:
  // So that readers of different kinds do not wait for each other.
  struct Shard {
    std::string_view keep(std::string_view text);

    std::mutex mutex;
    std::unordered_set<std::string_view> texts;  // its nodes never move
    std::vector<std::unique_ptr<char[]>>
        blocks;            // the bytes: most texts are too short for an allocation each
    char* end = nullptr;   // of the last block
    std::size_t free = 0;  // bytes left in it
  };
  std::array<Shard, 16> shards_;
};

}  // namespace plumbline
