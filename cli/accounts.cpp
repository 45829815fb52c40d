#include "cli/accounts.h"

#include <algorithm>
#include <iterator>

#include "cli/locate.h"
#include "cli/log.h"
#include "migrations/account.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "report/wording.h"

namespace plumbline {
namespace {

// The path as a glob that matches it alone.
std::string glob_of(const std::string& path) {
  std::string glob;
  for (const char c : path) {
    const bool special = c == '*' || c == '?' || c == '[';
    glob += special ? std::string("[") + c + "]" : std::string(1, c);
  }
  return glob;
}

std::string described(const OtherFile& file) {
  return "\"" + file.path + "\"" + (file.why.empty() ? "" : " (" + file.why + ")");
}

}  // namespace

std::string way_on(const MigrationDirectory& directory, const std::vector<OtherFile>& files) {
  std::vector<std::string> globs, stand_ins;
  for (const OtherFile& file : files) {
    globs.push_back(toml_string(glob_of(file.path)));
    if (!is_program(file.path)) continue;
    const std::string name = file.path.substr(file.path.rfind('/') + 1);
    stand_ins.push_back(toml_string(file.path) + " = " + toml_string("stand_ins/" + name + ".sql"));
  }
  const std::string each = files.size() == 1 ? "it" : "each";
  std::string text =
      "Rename " + each + " as " + directory.convention + " reads it (" + directory.example +
      "), or under [migrations] in plumbline.toml leave out what is no migration:\n  exclude = [" +
      join(globs, ", ") + "]";
  if (!stand_ins.empty())
    text +=
        "\nor name SQL files that do the work of programs:\n  stand_ins = {" + join(stand_ins, ", ") + "}";
  return text;
}

Unaccounted unaccounted(const MigrationDirectory& directory) {
  const std::vector<OtherFile> files = directory.not_understood();
  if (files.empty()) return {};
  std::vector<std::string> names;
  std::ranges::transform(files, std::back_inserter(names), described);
  const std::string what = counted(files.size(), "file") + " in \"" + directory.path + "\" " +
                           (files.size() == 1 ? "is" : "are") + " not understood beside migrations of " +
                           directory.convention + " and would never run:";
  const std::string between = files.size() == 1 ? " " : "\n  ";
  return {what + between + join(names, between), way_on(directory, files)};
}

void refuse_not_understood(const MigrationDirectory& directory) {
  const Unaccounted problem = unaccounted(directory);
  if (!problem.message.empty()) throw Error(problem.message, problem.hint);
}

void warn_of_not_understood(const MigrationDirectory& directory) {
  const Unaccounted problem = unaccounted(directory);
  if (!problem.message.empty())
    log::warning(problem.message +
                 "\n\"up\" and \"check\" stop there; \"plumbline validate\" tells how to go on");
}

std::vector<OtherFile> files_to_show(const MigrationDirectory& directory) {
  std::vector<OtherFile> files;
  std::ranges::copy_if(directory.other_files, std::back_inserter(files), [](const OtherFile& file) {
    return file.role == OtherFile::Role::not_understood || file.role == OtherFile::Role::program ||
           file.role == OtherFile::Role::excluded ||
           (file.role == OtherFile::Role::harmless && file.path.ends_with(".sql") && !file.why.empty());
  });
  return files;
}

}  // namespace plumbline
