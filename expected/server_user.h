#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace plumbline {

// An unprivileged user of this machine.
struct ServerUser {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
};

// Who has to run the server, because servers refuse root: "postgres" where there is one, else "nobody"; the
// environment variable PLUMBLINE_SERVER_USER names another. Nothing when we are not root: the server runs as
// we do.
std::optional<ServerUser> server_user();

// Makes this process, a forked child, that user's for good; does nothing without one. Safe where only
// async-signal-safe functions are. Returns errno: 0 is success.
int become(const std::optional<ServerUser>& user) noexcept;

// Gives the file to that user; does nothing without one. Throws Error.
void give_to(const std::optional<ServerUser>& user, const std::filesystem::path& file);

}  // namespace plumbline
