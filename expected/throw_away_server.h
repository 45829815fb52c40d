#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "expected/data_directory.h"
#include "expected/guardian.h"
#include "expected/private_directory.h"
#include "expected/sandbox.h"
#include "expected/shadow.h"

namespace plumbline {

// A server that we start from local programs, in a directory of its own.
class ThrowAwayServer : public Shadow {
 public:
  explicit ThrowAwayServer(const ShadowOptions& options);

  int version() const override { return binaries_.version; }
  std::string full_version() const override { return binaries_.full_version; }
  void create_database(std::string_view name, std::string_view template_name) override;
  void drop_database(std::string_view name) override;
  std::string conninfo(std::string_view database) const override;
  void create_role(std::string_view name) override;
  bool save(const std::filesystem::path& target) override;
  std::string role() const override { return role_; }
  std::vector<std::string> warnings() const override { return warnings_; }

 private:
  std::string conninfo_as(std::string_view user, std::string_view database) const;
  Invocation server_command() const;
  void start(const ShadowOptions& options);
  void make_fresh(const std::filesystem::path& cache);
  void run_server();
  bool is_ready();
  [[noreturn]] void fail_to_start(const std::string& how);
  Connection& administrator();
  bool has_role(std::string_view name);
  void make_role_that_replays();
  void wait_until_unused(std::string_view database);
  std::vector<std::string> log_tail() const;

  std::string role_;
  ServerBinaries binaries_;
  std::optional<ServerUser> user_;
  PrivateDirectory directory_;
  DataDirectory data_;
  std::shared_ptr<const Sandbox> sandbox_;
  Guardian guardian_;
  std::unique_ptr<Connection> administrator_;
  std::vector<std::string> warnings_;
};

}  // namespace plumbline
