#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "migrations/directory.h"
#include "postgres/error.h"

namespace plumbline::testing {

// The names of a list of files, without contents.
inline std::vector<SourceFile> files_named(const std::vector<std::string>& paths) {
  std::vector<SourceFile> files;
  for (const std::string& path : paths) files.push_back({path, "SELECT 1;\n"});
  return files;
}

inline MigrationDirectory load(const std::vector<SourceFile>& files, const std::string& convention = "") {
  MigrationOptions options;
  options.path = "db";
  options.convention = convention;
  return load_migrations(options, files);
}

inline std::vector<std::string> versions(const MigrationDirectory& directory) {
  std::vector<std::string> list;
  for (const Migration& migration : directory.migrations) list.push_back(migration.version);
  return list;
}

inline std::vector<std::string> file_names(const MigrationDirectory& directory) {
  std::vector<std::string> list;
  for (const Migration& migration : directory.migrations) list.push_back(migration.file);
  return list;
}

inline std::vector<std::string> texts(const std::vector<SqlStatement>& statements) {
  std::vector<std::string> list;
  for (const SqlStatement& statement : statements) list.push_back(statement.text);
  return list;
}

// "message\nhint" of the Error that `work` throws; empty when it throws none.
template <typename Work>
std::string error_of(const Work& work) {
  try {
    work();
  } catch (const Error& e) {
    return e.message() + "\n" + e.hint();
  }
  return "";
}

// The data beside the repository that is no part of it: ../shared, or PLUMBLINE_SHARED.
inline std::optional<std::filesystem::path> shared_data() {
  const char* given = std::getenv("PLUMBLINE_SHARED");
  const std::filesystem::path path = given != nullptr ? given : std::string(PLUMBLINE_SOURCE) + "/../shared";
  return std::filesystem::is_directory(path) ? std::optional(path) : std::nullopt;
}

}  // namespace plumbline::testing
