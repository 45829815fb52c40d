#include "expected/temporary_file.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "expected/private_directory.h"
#include "postgres/error.h"

namespace plumbline {

namespace {

bool write_whole(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

TemporaryFile::TemporaryFile(const std::string& text, const std::optional<ServerUser>& reader) {
  std::string name = (base_directory(reader) / "plumbline.XXXXXX").string();
  const int file = mkstemp(name.data());
  path_ = name;
  const bool whole = file >= 0 && write_whole(file, text);
  const bool given = whole && (!reader || fchown(file, reader->user, reader->group) == 0);
  if (file >= 0) close(file);
  if (given) return;
  if (file >= 0) unlink(path_.c_str());
  throw Error("cannot write a temporary file in \"" + path_.parent_path().string() + "\"",
              "Name a directory with room in TMPDIR.");
}

TemporaryFile::~TemporaryFile() { unlink(path_.c_str()); }

}  // namespace plumbline
