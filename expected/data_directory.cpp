#include "expected/data_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "expected/file_tree.h"
#include "expected/process.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

namespace fs = std::filesystem;

// In the data directory: which installation made it. The server does not mind the file.
constexpr const char* origin_file = "plumbline_origin";

struct Argument {
  std::string_view text;
  int since = 0;
};
constexpr Argument initdb_arguments[] = {
    {.text = "--auth=trust"},
    {.text = "--username=postgres"},
    {.text = "--encoding=UTF8"},
    {.text = "--locale=C"},
    {.text = "--wal-segsize=1"},  // megabyte: little to copy
    {.text = "--no-sync"},
    {.text = "--no-instructions", .since = 14},
    {.text = "--no-data-checksums", .since = 18},
};

std::vector<std::string> arguments_for(int version) {
  std::vector<std::string> result;
  for (const Argument& argument : initdb_arguments) {
    if (argument.since <= version) result.emplace_back(argument.text);
  }
  return result;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// initdb says many lines of success first; the trouble stands in the last ones.
std::string last_line(const std::string& output) {
  const std::vector<std::string> lines = split(trim(output), '\n');
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (line->find("error:") != std::string::npos || line->find("FATAL:") != std::string::npos) return *line;
  }
  return lines.empty() ? "" : lines.back();
}

}  // namespace

// The path stands for how the programs were built, which may change what initdb writes.
std::string DataDirectory::origin() const {
  const std::string settings =
      join(arguments_for(binaries_.version), " ") + "\n" + binaries_.directory.string();
  return binaries_.full_version + "-" + sha256_hex(settings).substr(0, 12);
}

fs::path DataDirectory::cached(const fs::path& cache) const { return cache / ("initdb-" + origin()); }

void DataDirectory::copy_saved(const fs::path& saved) {
  const std::string found = read_file(saved / origin_file);
  if (found.empty()) {
    throw Error("\"" + saved.string() + "\" is no data directory that plumbline saved", "Remove it.");
  }
  if (found != origin()) {
    throw Error("the data directory \"" + saved.string() + "\" was made by another server (" + found +
                    ", here " + origin() + ")",
                "Remove it.");
  }
  copy_tree(saved, path_, user_);
}

bool DataDirectory::copy_cached(const fs::path& cache) {
  if (!is_own_directory(cache) || !is_own_directory(cached(cache))) return false;
  if (read_file(cached(cache) / origin_file) != origin()) return false;
  try {
    copy_tree(cached(cache), path_, user_);
    return true;
  } catch (
      const Error&) {  // somebody removes it at this moment; or the disk is full, and then initdb says so
    clear();
    return false;
  }
}

// The directory is the server user's, who may have put a link there.
void DataDirectory::write_origin() const {
  const fs::path file = path_ / origin_file;
  const int number = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  const std::string text = origin();
  const bool whole =
      number >= 0 && write(number, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool given = whole && (!user_ || fchown(number, user_->user, user_->group) == 0);
  if (number >= 0) close(number);
  if (!given) throw Error("cannot write \"" + file.string() + "\"", "Make room on that disk.");
}

void DataDirectory::initialise() {
  std::vector<std::string> words = arguments_for(binaries_.version);
  words.insert(words.begin(), {binaries_.directory / "initdb", "--pgdata=" + path_.string()});
  const Outcome outcome = run({.words = words, .directory = path_.parent_path(), .user = user_});
  if (outcome.exit_code != 0) {
    throw Error("cannot initialise a throw-away server of PostgreSQL " + binaries_.full_version + ": " +
                    last_line(outcome.output),
                "Is there room in \"" + path_.parent_path().parent_path().string() +
                    "\"? Let PLUMBLINE_TMPDIR name another directory, or give a server with --shadow-url.");
  }
  write_origin();
}

void DataDirectory::keep_in(const fs::path& cache) const { keep_tree(path_, cached(cache)); }

void DataDirectory::clear() const {
  std::error_code error;
  fs::remove_all(path_, error);
}

void DataDirectory::discard_cached(const fs::path& cache) const {
  std::error_code error;
  fs::remove_all(cached(cache), error);
}

}  // namespace plumbline
