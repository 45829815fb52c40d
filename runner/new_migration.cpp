#include "runner/new_migration.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

std::string version_at(std::time_t moment) {
  std::tm parts{};
  gmtime_r(&moment, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y%m%d_%H%M%S", &parts);
  return text;
}

std::string file_words(const std::string& name) {
  std::string words;
  for (const char c : to_lower(name)) {
    const bool keeps = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (keeps) words += c;
    if (!keeps && !words.empty() && words.back() != '_') words += '_';
  }
  while (!words.empty() && words.back() == '_') words.pop_back();
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
    return "-- Only what the running program does not notice: new tables, nullable columns, indexes "
           "CONCURRENTLY.\n";
  if (phase == "migrate") return "-- Moves rows, in pieces that hold no lock for long.\n";
  if (phase == "contract") return "-- Takes away what no running program uses any more.\n";
  return "-- Write the change here.\n";
}

std::string text_of(const NewMigration& migration, const std::string& version) {
  std::string text = "-- Migration: " + migration.name + "\n-- Version: " + version + "\n";
  if (!migration.description.empty()) text += "-- Description: " + migration.description + "\n";
  text += "-- Dependencies: []\n";
  if (!migration.phase.empty()) text += "-- Phase: " + migration.phase + "\n";
  if (!migration.irreversible.empty()) text += "-- Irreversible: " + migration.irreversible + "\n";
  text += "-- ============= UP MIGRATION =============\n";
  text += migration.up.empty() ? template_for(migration.phase) + "\n" : migration.up;
  if (!migration.irreversible.empty()) return text;
  text += "-- ============= DOWN MIGRATION ============\n";
  return text + (migration.down.empty() ? "-- What takes the change back.\n" : migration.down);
}

[[noreturn]] void cannot_write(const fs::path& file) {
  const int reason = errno;
  throw Error("cannot write \"" + file.string() + "\": " + std::strerror(reason),
              reason == ENOENT ? "Make the folder first, or run plumbline init." : "");
}

// False when the file is there already.
bool write_once(const fs::path& file, const std::string& text) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0 && errno == EEXIST) return false;
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
  return true;
}

// Whether any file of the folder has the version, whatever its name.
bool is_taken(const std::string& path, const std::string& version) {
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, failed)) {
    if (entry.path().filename().string().starts_with(version)) return true;
  }
  return false;
}

}  // namespace

std::string write_new_migration(const std::string& path, const MigrationDirectory* directory,
                                const NewMigration& migration) {
  if (directory && directory->convention != "plumbline") {
    throw Error("the migrations in \"" + path + "\" are those of " + directory->convention,
                "Make new ones the way that tool does; plumbline runs them all the same.");
  }
  check_word(migration.type, "type", {"schema", "data", "security", "perf"});
  check_word(migration.phase, "phase", {"expand", "migrate", "contract"});
  const std::string words = file_words(migration.name);
  std::string newest;
  if (directory && !directory->migrations.empty()) newest = directory->migrations.back().version;
  std::time_t moment = std::time(nullptr);
  for (int tries = 0; tries < 100'000; ++tries, ++moment) {
    const std::string version = version_at(moment);
    if (version <= newest || is_taken(path, version)) continue;
    std::string name = version + "_";
    if (!migration.type.empty()) name.append(migration.type).append("_");
    const fs::path file = fs::path(path) / name.append(words).append(".sql");
    if (write_once(file, text_of(migration, version))) return file.string();
  }
  throw Error("the last migration in \"" + path + "\" has the version " + newest + ", which is in the future",
              "Correct that version.");
}

}  // namespace plumbline
