#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "expected/shadow.h"

namespace plumbline {

// Databases on a server of the user's, under names of our own, and roles; all dropped at the end. Those of
// programs that were killed are dropped by the next one that comes by.
class GivenServer : public Shadow {
 public:
  explicit GivenServer(const ShadowOptions& options);
  ~GivenServer() override;

  int version() const override { return administrator_->version(); }
  std::string full_version() const override { return full_version_; }
  void create_database(std::string_view name, std::string_view template_name) override;
  void drop_database(std::string_view name) override;
  std::string conninfo(std::string_view database) const override;
  void create_role(std::string_view name) override;
  bool save(const std::filesystem::path&) override { return false; }
  std::string role() const override { return role_; }
  std::vector<std::string> warnings() const override { return warnings_; }

 private:
  void check_rights();
  void remove_leftovers();
  bool try_to(const std::string& sql, const std::string& what);
  const std::string& real_name(std::string_view database) const;

  std::string url_, mark_, role_, full_version_;
  std::unique_ptr<Connection> administrator_;
  std::map<std::string, std::string, std::less<>> databases_;  // by the name we are asked for: the name there
  std::vector<std::string> roles_, warnings_;
};

}  // namespace plumbline
