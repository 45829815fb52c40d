#include "expected/server_user.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "postgres/error.h"

namespace plumbline {

namespace {

std::optional<ServerUser> find_user(const std::string& name) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (!found) return std::nullopt;
  return ServerUser{name, found->pw_uid, found->pw_gid};
}

}  // namespace

std::optional<ServerUser> server_user() {
  if (geteuid() != 0) return std::nullopt;
  if (const char* name = std::getenv("PLUMBLINE_SERVER_USER"); name && *name) {
    std::optional<ServerUser> user = find_user(name);
    if (user && user->user != 0) return user;
    throw Error("PLUMBLINE_SERVER_USER names \"" + std::string(name) + "\", which is " +
                    (user ? "root" : "no user of this machine"),
                "Name an unprivileged user: a PostgreSQL server refuses to run as root.");
  }
  if (auto user = find_user("postgres")) return user;
  if (auto user = find_user("nobody")) return user;
  throw Error(
      "a PostgreSQL server cannot run as root, and this machine has neither a user \"postgres\" nor "
      "\"nobody\"",
      "Name an unprivileged user in PLUMBLINE_SERVER_USER.");
}

int become(const std::optional<ServerUser>& user) noexcept {
  if (!user) return 0;
  const gid_t group = user->group;
  if (setgroups(1, &group) != 0 || setgid(group) != 0 || setuid(user->user) != 0) return errno;
  return 0;
}

void give_to(const std::optional<ServerUser>& user, const std::filesystem::path& file) {
  if (!user || lchown(file.c_str(), user->user, user->group) == 0) return;
  throw Error(
      "cannot give \"" + file.string() + "\" to the user \"" + user->name + "\": " + std::strerror(errno),
      "Run plumbline as an ordinary user instead of root.");
}

}  // namespace plumbline
