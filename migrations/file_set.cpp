#include "migrations/file_set.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

// The contents of other files never matter, so a repository's pictures are not read.
bool is_read(const fs::path& path) {
  constexpr std::array endings = {".sql", ".conf", ".toml", ".yaml", ".yml", ".plan", ".sum"};
  return std::ranges::find(endings, path.extension().string()) != endings.end() ||
         path.filename() == "_journal.json";
}

[[noreturn]] void refuse_file(const fs::path& path) {
  throw Error("cannot read \"" + path.string() + "\"",
              "Check that the file exists and that you may read it.");
}

std::string read_bytes(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in || (in.peek(), in.bad())) refuse_file(path);
  return std::move(bytes).str();
}

// The first bytes: markers of conventions stand at the beginning.
std::string read_head(const fs::path& path) {
  constexpr std::size_t most = 65536;
  std::ifstream in(path, std::ios::binary);
  std::string bytes(most, '\0');
  if (in) in.read(bytes.data(), static_cast<std::streamsize>(most));
  if (!in.is_open() || in.bad()) refuse_file(path);
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

std::vector<SourceFile> walk(const fs::path& root, std::string (*read)(const fs::path&)) {
  std::vector<SourceFile> files;
  std::error_code failure;
  fs::recursive_directory_iterator at(root, failure);
  for (; !failure && at != fs::recursive_directory_iterator(); at.increment(failure)) {
    const fs::path& path = at->path();
    std::error_code odd;
    std::string name = path.lexically_relative(root).generic_string();
    if (path.filename().string().starts_with('.') || path.filename() == "node_modules") {
      at.disable_recursion_pending();
    } else if (at->is_regular_file(odd)) {
      files.push_back({std::move(name), is_read(path) ? read(path) : ""});
    } else if (at->is_symlink(odd)) {
      files.push_back({std::move(name), "",
                       at->is_directory(odd) ? "a link to a directory, which is not followed"
                                             : "a link that leads nowhere"});
    } else if (!at->is_directory(odd)) {
      files.push_back({std::move(name), "", "no regular file"});
    }
  }
  if (failure) {
    throw Error("cannot read the directory \"" + root.string() + "\": " + failure.message(),
                "Check that you may read it.");
  }
  return files;
}

std::string without_slashes(std::string location) {
  while (location.starts_with("./")) location.erase(0, 2);
  while (location.ends_with('/')) location.pop_back();
  return location;
}

bool excluded(const MigrationOptions& options, const std::string& path) {
  return std::ranges::any_of(options.exclude, [&](const auto& glob) { return glob_matches(glob, path); });
}

bool is_hidden(std::string_view path) {
  return path.starts_with('.') || path.find("/.") != std::string_view::npos ||
         path.find("node_modules/") != std::string_view::npos;
}

// The path below the first location that has it; the path itself where there are none.
std::optional<std::string> local_path(const MigrationOptions& options, const std::string& path) {
  if (options.locations.empty()) return path;
  for (const std::string& location : options.locations) {
    const std::string prefix = without_slashes(location) + "/";
    if (path.starts_with(prefix)) return path.substr(prefix.size());
  }
  return std::nullopt;
}

// Stand-ins are named by path, wherever they are.
bool is_stand_in(const MigrationOptions& options, const std::string& path) {
  return std::ranges::any_of(options.stand_ins, [&](const auto& each) { return each.second == path; });
}

}  // namespace

const FileSet::File* FileSet::find(std::string_view path) const {
  const auto at = std::ranges::lower_bound(files, path, {}, &File::path);
  return at != files.end() && at->path == path ? &*at : nullptr;
}

std::string FileSet::shown(std::string_view path) const {
  const bool plain = directory.empty() || directory == ".";
  return plain ? std::string(path) : directory + (directory.ends_with('/') ? "" : "/") + std::string(path);
}

std::string FileSet::examples() const {
  std::vector<std::string> names;
  for (const File& file : files) {
    if (names.size() < 3 && file.path.ends_with(".sql")) names.push_back("\"" + file.path + "\"");
  }
  return join(names, ", ");
}

FileSet take_files(const MigrationOptions& options, const std::vector<SourceFile>& files) {
  FileSet set{.directory = options.path, .files = {}};
  for (const SourceFile& file : files) {
    const std::optional<std::string> local = local_path(options, file.path);
    if (is_stand_in(options, file.path)) {
      set.files.push_back({file.path, file.path, file.bytes});
    } else if (excluded(options, file.path)) {
      set.set_aside.push_back({file.path, OtherFile::Role::excluded, "by \"exclude\""});
    } else if (!local) {
      set.set_aside.push_back({file.path, OtherFile::Role::excluded, "outside of \"locations\""});
    } else if (is_hidden(file.path)) {
      set.set_aside.push_back({file.path, OtherFile::Role::harmless, "hidden"});
    } else if (!file.odd.empty()) {
      set.set_aside.push_back({file.path, OtherFile::Role::not_understood, file.odd});
    } else {
      set.files.push_back({file.path, *local, file.bytes});
    }
  }
  std::ranges::sort(set.files, {}, &FileSet::File::path);
  for (const std::string& location : options.locations) {
    const std::string prefix = without_slashes(location) + "/";
    const auto inside = [&](const FileSet::File& file) { return file.path.starts_with(prefix); };
    if (std::ranges::none_of(set.files, inside)) {
      throw Error("no file below the location \"" + location + "\" of \"" + options.path + "\"",
                  "Locations are folders relative to the migrations directory; check \"locations\".");
    }
  }
  return set;
}

FileSet read_files(const MigrationOptions& options) {
  std::error_code failure;
  const fs::file_status status = fs::status(options.path, failure);
  if (!fs::exists(status)) {
    throw Error("there is no migrations directory \"" + options.path + "\"",
                "Name the directory with --migrations, or as migrations.path in plumbline.toml.");
  }
  if (!fs::is_directory(status)) {
    throw Error("\"" + options.path + "\" is no directory",
                "Name the directory that holds the migration files.");
  }
  return take_files(options, walk(options.path, read_bytes));
}

FileSet read_heads(const MigrationOptions& options) {
  return take_files(options, walk(options.path, read_head));
}

}  // namespace plumbline
