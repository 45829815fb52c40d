#include "snapshot/symbol.h"

namespace plumbline {

Symbol SymbolTable::intern(std::string_view text) {
  Symbol symbol;
  if (text.empty()) return symbol;
  const std::size_t hash = std::hash<std::string_view>{}(text);
  Shard& shard = shards_[(hash >> 7) % shards_.size()];
  const std::lock_guard lock(shard.mutex);
  auto found = shard.texts.find(text);
  if (found == shard.texts.end()) found = shard.texts.emplace(text).first;
  symbol.text_ = &*found;
  return symbol;
}

}  // namespace plumbline
