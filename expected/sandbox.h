#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "expected/private_root.h"
#include "expected/server_user.h"

namespace plumbline {

// What a program and all that it starts are kept from, as far as the kernel allows.
struct Isolation {
  bool network = false;    // they reach no other host and no port of this machine
  bool processes = false;  // they see no process but their own, and end with the first of them
  bool files = false;      // they see system directories, read-only, and one directory of their own
  bool whole() const { return network && processes && files; }
};

// A warning that says what code of migrations can reach then; empty when it is whole.
std::string shared_with_sandbox(const Isolation& isolation);

// Namespaces of its own for one program and its children. Made before the fork that it is for.
class Sandbox {
 public:
  // `own` is the one directory that can be written in; it belongs to `user`. `programs` holds what is to run.
  Sandbox(const std::filesystem::path& own, const std::filesystem::path& programs,
          const std::optional<ServerUser>& user);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // In a forked child: becomes the user and enters as much as the kernel allows; goes on in a child of its
  // own then, behind processes that pass on signals and the end. Safe where only async-signal-safe functions
  // are. Returns errno when it cannot become the user: 0 is success.
  int enter() const noexcept;

  // How far enter() came, in whichever process.
  Isolation reached() const;

 private:
  enum class Way { none, user_namespace, privileged };
  struct Report;

  Way possible_way() const noexcept;
  int enter_namespaces(Way way, Isolation& reached) const noexcept;

  std::optional<ServerUser> user_;
  PrivateRoot root_;
  Report* report_;  // memory that forked processes share
};

// What a sandbox of ours would be, found out by entering one.
Isolation possible_isolation();

}  // namespace plumbline
