#include "snapshot/symbol.h"

#include <algorithm>
#include <functional>

namespace plumbline {

Symbol SymbolTable::intern(std::string_view text) {
  Symbol symbol;
  if (text.empty()) return symbol;
  const std::size_t hash = std::hash<std::string_view>{}(text);
  Shard& shard = shards_[(hash >> 7) % shards_.size()];
  const std::lock_guard lock(shard.mutex);
  auto found = shard.texts.find(text);
  if (found == shard.texts.end()) found = shard.texts.insert(shard.keep(text)).first;
  symbol.text_ = &*found;
  return symbol;
}

std::string_view SymbolTable::Shard::keep(std::string_view text) {
  constexpr std::size_t block_size = 1 << 15;
  if (text.size() > free) {
    const std::size_t size = std::max(block_size, text.size());
    blocks.push_back(std::make_unique<char[]>(size));
    end = blocks.back().get() + size;
    free = size;
  }
  char* const place = end - free;
  std::ranges::copy(text, place);
  free -= text.size();
  return {place, text.size()};
}

}  // namespace plumbline
