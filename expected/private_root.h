#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace plumbline {

// What a sandboxed program is to see of the file system: the system's own directories and `readable`,
// read-only; `own`, at the same path; an empty /tmp; no more. All is laid out before the fork.
class PrivateRoot {
 public:
  // `own` holds the directories "root" and "tmp", made by make_places(). `hidden` are directories of which
  // nothing is to be seen, even where they lie inside of one of the system.
  PrivateRoot(const std::filesystem::path& own, const std::vector<std::filesystem::path>& readable,
              const std::vector<std::filesystem::path>& hidden);

  // In a mount namespace of its own, and best in a process namespace too, whose /proc it then shows. Safe
  // where only async-signal-safe functions are. Returns errno; then everything is as it was. 0 is success.
  int enter(bool with_processes) const noexcept;

 private:
  enum class Kind { directory, open_directory, file, link, writable, readable, device, empty, processes };
  struct Step {
    Kind kind;
    std::string source, target;  // the target already below the new root
    bool needed = true;
  };

  void add(Kind kind, const std::filesystem::path& source, const std::filesystem::path& target,
           bool needed = true);
  void add_directory(const std::filesystem::path& target);
  void add_system();
  void add_readable(const std::filesystem::path& directory);
  void add_devices();
  void hide(const std::filesystem::path& directory);
  static int take(const Step& step, bool with_processes) noexcept;
  int build(bool with_processes) const noexcept;

  std::string base_;
  std::vector<Step> steps_;
};

// The directories of an installation that its programs need: for /x/bin those of /x that hold programs,
// libraries and data. Those that are there.
std::vector<std::filesystem::path> needed_by_programs(const std::filesystem::path& programs);

// What people keep apart from the system: the home directory, the working directory, and the checkout that it
// is in.
std::vector<std::filesystem::path> private_directories();

}  // namespace plumbline
