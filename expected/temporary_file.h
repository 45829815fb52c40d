#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "expected/server_user.h"

namespace plumbline {

// A file for another program to read, which only we, or that user, may open; gone when it goes. Throws Error
// when it cannot be written whole.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text, const std::optional<ServerUser>& reader = {});
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace plumbline
