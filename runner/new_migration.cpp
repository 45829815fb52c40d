#include "runner/new_migration.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <map>

#include "migrations/convention.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "postgres/visible.h"
#include "runner/next_version.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

std::string file_words(const std::string& name, char separator) {
  std::string words;
  for (const char c : to_lower(name)) {
    const bool keeps = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (keeps) words += c;
    if (!keeps && !words.empty() && words.back() != separator) words += separator;
  }
  while (!words.empty() && words.back() == separator) words.pop_back();
  if (words.empty())
    throw Error("\"" + name + "\" names nothing", "Say in a few words what the migration does.");
  return words;
}

void check_word(const std::string& word, const char* what, std::initializer_list<const char*> known) {
  if (word.empty() || std::ranges::any_of(known, [&](const char* each) { return word == each; })) return;
  std::vector<std::string> names(known.begin(), known.end());
  throw Error("unknown " + std::string(what) + " \"" + word + "\"", "Use one of: " + join(names, ", ") + ".");
}

std::string template_for(const std::string& phase) {
  if (phase == "expand")
    return "-- Only what the running program does not notice:\n"
           "-- CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);\n"
           "-- ALTER TABLE t ADD COLUMN c text;\n"
           "-- CREATE INDEX CONCURRENTLY t_c ON t (c);\n"
           "-- ALTER TABLE t ADD CONSTRAINT c_is_there CHECK (c IS NOT NULL) NOT VALID;\n";
  if (phase == "migrate") {
    return "-- Moves rows, in pieces that hold no lock for long; with a header\n"
           "-- \"Transaction: none\" each is committed by itself:\n"
           "-- UPDATE t SET c = old WHERE id BETWEEN 1 AND 10000 AND c IS NULL;\n"
           "-- ALTER TABLE t VALIDATE CONSTRAINT c_is_there;\n";
  }
  if (phase == "contract") {
    return "-- Takes away what no running program uses any more:\n"
           "-- ALTER TABLE t ALTER COLUMN c SET NOT NULL;\n"
           "-- ALTER TABLE t DROP COLUMN old;\n";
  }
  return "-- Write the change here.\n";
}

std::string further_header(const NewMigration& migration) {
  std::string text;
  if (!migration.irreversible.empty()) text += sql_comment_line("Irreversible: " + migration.irreversible);
  for (const std::string& line : migration.header) text += sql_comment_line(line);
  return text;
}

std::string header_of(const NewMigration& migration, const std::string& version) {
  std::string text =
      sql_comment_line("Migration: " + migration.name) + sql_comment_line("Version: " + version);
  if (!migration.description.empty()) text += sql_comment_line("Description: " + migration.description);
  text += sql_comment_line("Dependencies: []");
  if (!migration.phase.empty()) text += sql_comment_line("Phase: " + migration.phase);
  return text + further_header(migration);
}

// The same for formats that know no header: for people, but for the irreversible, which plumbline reads.
std::string about(const NewMigration& migration) {
  return sql_comment(migration.description.empty() ? migration.name : migration.description) +
         further_header(migration);
}

// {word} for each word that is known.
std::string filled(std::string_view text, const std::map<std::string, std::string>& words) {
  std::string result;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('{'), text.size());
    const std::size_t close = std::min(text.find('}', open), text.size());
    result += text.substr(0, open);
    if (open < text.size()) result += words.at(std::string(text.substr(open + 1, close - open - 1)));
    text.remove_prefix(std::min(close + 1, text.size()));
  }
  return result;
}

[[noreturn]] void cannot_write(const fs::path& file) {
  const int reason = errno;
  throw Error("cannot write \"" + file.string() + "\": " + std::strerror(reason),
              reason == ENOENT ? "Make the folder first, or run plumbline init." : "");
}

void write_once(const fs::path& file, const std::string& text) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) cannot_write(file);
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = write(descriptor, rest.data(), rest.size());
    if (written < 0) {
      const int reason = errno;
      close(descriptor);
      unlink(file.c_str());
      errno = reason;
      cannot_write(file);
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  close(descriptor);
}

// While it lives, no other plumbline makes a migration in that folder.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder)
      : descriptor_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (descriptor_ >= 0) flock(descriptor_, LOCK_EX);
  }
  ~FolderLock() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

// Whether any file of the folder has the version, whatever its name.
bool is_taken(const fs::path& folder, const std::string& version) {
  std::error_code failed;
  const fs::directory_iterator entries(folder, failed);
  return std::any_of(begin(entries), end(entries), [&](const fs::directory_entry& entry) {
    return spelled_version(entry.path().filename().string()).version == version;
  });
}

// The file or folder that a path of a convention names by its version.
fs::path component(const fs::path& file, std::string_view pattern) {
  return pattern.find('/') == std::string_view::npos ? file : file.parent_path();
}

const NextMigration& next_of(std::string_view name, const std::string& path) {
  const Convention* convention = find_convention(name);
  if (convention && !convention->next.files.empty()) return convention->next;
  const bool has_command = convention && !convention->next.made_by.empty();
  throw Error("the next migration in \"" + path + "\" cannot be made by plumbline: its files are those of " +
                  std::string(name),
              has_command
                  ? "Make it with \"" + std::string(convention->next.made_by) + "\"; plumbline runs it."
                  : "Make it by hand; plumbline runs it.");
}

// The newest migration that has a version.
const Migration* last_of(const MigrationDirectory* directory) {
  if (!directory) return nullptr;
  const auto& all = directory->migrations;
  const auto last = std::find_if(all.rbegin(), all.rend(), [](const Migration& m) { return !m.repeatable; });
  return last == all.rend() ? nullptr : &*last;
}

class Writer {
 public:
  Writer(const std::string& path, const MigrationDirectory* directory, const NewMigration& migration,
         std::string_view convention)
      : migration_(migration), next_(next_of(convention, path)), last_(last_of(directory)), folder_(path) {
    const bool is_own = convention == "plumbline";
    if (!is_own && !migration.type.empty()) {
      throw Error("a migration of " + std::string(convention) + " has no type",
                  "Leave --type out; only plumbline's own format has it.");
    }
    spelled_.version = next_.first_version;
    if (last_ == nullptr) {
      folder_ /= migration.location;
      return;
    }
    const fs::path file = place_of(*last_);
    folder_ = folder_of(*directory);
    spelled_ = spelled_version(file.filename().string());
    constexpr std::size_t date_alone = 8;
    if (is_own && spelled_.version.size() == date_alone) spelled_.version += "_000000";
    is_single_ = next_.files.front().path.ends_with(".up.sql") && !last_->file.ends_with(".up.sql");
  }

  std::vector<std::string> write() {
    const FolderLock lock(folder_);
    VersionSeries versions(spelled_.version, last_ == nullptr, std::time(nullptr));
    std::string version = versions.next();
    while (!version.empty() && is_taken(folder_, version)) version = versions.next();
    if (version.empty()) {
      throw Error("the last migration in \"" + folder_.string() + "\" has the version " + spelled_.version +
                      ", which is in the future",
                  "Correct that version.");
    }
    return write_files(version);
  }

 private:
  // Where its file is, or its folder for tools that give it one; of a program, where that is.
  fs::path place_of(const Migration& migration) const {
    const bool is_program = !migration.stands_in_for.empty();
    return component(folder_ / (is_program ? migration.stands_in_for : migration.file),
                     next_.files.front().path);
  }

  // Where the newest migration of the location is.
  fs::path folder_of(const MigrationDirectory& directory) const {
    if (migration_.location.empty()) return place_of(*last_).parent_path();
    const std::vector<Migration>& all = directory.migrations;
    for (auto each = all.rbegin(); each != all.rend(); ++each) {
      if (!each->repeatable && each->file.starts_with(migration_.location + "/"))
        return place_of(*each).parent_path();
    }
    return folder_ / migration_.location;
  }

  // As the files that are there have it: 0001-name where others write 0001_name, V001 for 001.
  std::string path_of(std::string_view pattern) const {
    std::string path(pattern);
    const std::size_t behind = path.find('}') + 1;
    const bool is_usual = spelled_.separator == '-' || spelled_.separator == '_';
    if (is_usual && (path[behind] == '-' || path[behind] == '_')) path[behind] = spelled_.separator;
    if (!spelled_.prefix.empty() && path.front() == '{') path.insert(0, spelled_.prefix);
    const std::size_t up = path.find(".up.sql");
    if (is_single_ && up != std::string::npos) path.erase(up, 3);
    return path;
  }

  std::vector<std::string> write_files(const std::string& version) const {
    std::map<std::string, std::string> words{
        {"version", version},
        {"type", migration_.type.empty() ? "" : migration_.type + "_"},
        {"header", header_of(migration_, version)},
        {"about", about(migration_)},
        {"up", migration_.up.empty() ? template_for(migration_.phase) + "\n" : migration_.up},
        {"down", migration_.down.empty() ? "-- What takes the change back.\n" : migration_.down},
        {"last", last_ ? last_->version : ""}};
    std::vector<std::string> paths;
    for (const NewFile& file : next_.files) {
      const std::string pattern = path_of(file.path);
      if (is_single_ && file.up.empty()) continue;
      words["name"] = file_words(migration_.name, pattern[pattern.find('}') + 1] == '-' ? '-' : '_');
      std::string text = filled(file.up, words);
      if (migration_.irreversible.empty()) text += filled(file.down, words);
      if (text.empty()) continue;
      const fs::path target = folder_ / filled(pattern, words);
      std::error_code failed;
      if (target.parent_path() != folder_) fs::create_directories(target.parent_path(), failed);
      write_once(target, text);
      paths.push_back(target.string());
    }
    return paths;
  }

  const NewMigration& migration_;
  const NextMigration& next_;
  const Migration* last_;
  fs::path folder_;
  SpelledVersion spelled_;
  bool is_single_ = false;  // files without a partner, though the tool has pairs: sqlx
};

}  // namespace

std::vector<std::string> write_new_migration(const std::string& path, const MigrationDirectory* directory,
                                             const NewMigration& migration, std::string_view convention) {
  check_word(migration.type, "type", {"schema", "data", "security", "perf"});
  check_word(migration.phase, "phase", {"expand", "migrate", "contract"});
  return Writer(path, directory, migration, directory ? directory->convention : convention).write();
}

}  // namespace plumbline
