#include "expected/given_server.h"

#include <unistd.h>

#include <random>

#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

// Databases and comments of roles begin with it; the session that made them carries the same mark as its
// application_name, which every user may see.
constexpr std::string_view database_prefix = "plumbline_shadow_";
constexpr std::size_t longest_name = 63;

// plumbline_shadow_<process>_<random>
std::string new_mark() {
  std::random_device random;
  std::string digits = std::to_string(random() % 100000000);
  return std::string(database_prefix) + std::to_string(getpid()) + "_" + digits;
}

// Regular expression for a mark at the start of a name; our own marks only, never a database of the user's.
constexpr const char* mark_of_name = "'^plumbline_shadow_[0-9]+_[0-9]+'";

std::string shortened(std::string name) {
  if (name.size() <= longest_name) return name;
  const std::string hash = sha256_hex(name).substr(0, 8);
  return name.substr(0, longest_name - hash.size()) + hash;
}

}  // namespace

GivenServer::GivenServer(const ShadowOptions& options)
    : url_(options.url),
      mark_(new_mark()),
      administrator_(plumbline::connect({.conninfo = with_parameter(url_, "application_name", mark_)})) {
  role_ = administrator_->value("SELECT current_user").value_or("");
  full_version_ =
      administrator_->value("SELECT split_part(current_setting('server_version'), ' ', 1)").value_or("");
  check_rights();
  remove_leftovers();
}

GivenServer::~GivenServer() {
  for (const auto& [name, real] : databases_) {
    try_to("DROP DATABASE IF EXISTS " + quote_identifier(real) + " WITH (FORCE)",
           "database \"" + real + "\"");
  }
  for (const std::string& role : roles_) {
    try_to("DROP ROLE IF EXISTS " + quote_identifier(role), "role \"" + role + "\"");
  }
}

void GivenServer::check_rights() {
  if (administrator_->value(
          "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = current_user AND (rolcreatedb OR rolsuper)")) {
    return;
  }
  throw Error("the user \"" + role_ + "\" of the shadow server " + administrator_->description() +
                  " may not create databases",
              "Run ALTER ROLE " + quote_identifier(role_) +
                  " CREATEDB there, or let plumbline start a server of its own.");
}

// A session is gone when no other carries its mark; what it made is ours to drop when we own it.
void GivenServer::remove_leftovers() {
  const std::string alive = " NOT IN (SELECT application_name FROM pg_catalog.pg_stat_activity)";
  std::vector<std::pair<std::string, std::string>> drops;
  administrator_->query(
      "SELECT datname FROM pg_catalog.pg_database WHERE datname ~ " + std::string(mark_of_name) +
          " AND pg_catalog.pg_has_role(datdba, 'USAGE') AND substring(datname FROM " + mark_of_name + ")" +
          alive,
      [&](const Row& row) {
        const std::string name(row[0]);
        drops.emplace_back("DROP DATABASE IF EXISTS " + quote_identifier(name) + " WITH (FORCE)",
                           "database \"" + name + "\"");
      });
  administrator_->query(
      "SELECT rolname FROM (SELECT rolname, pg_catalog.shobj_description(oid, 'pg_authid') AS mark FROM "
      "pg_catalog.pg_roles) r"
      " WHERE mark ~ " +
          std::string(mark_of_name) + " AND substring(mark FROM " + mark_of_name + ")" + alive,
      [&](const Row& row) {
        const std::string name(row[0]);
        drops.emplace_back("DROP ROLE IF EXISTS " + quote_identifier(name), "role \"" + name + "\"");
      });
  for (const auto& [sql, what] : drops) try_to(sql, what);
}

bool GivenServer::try_to(const std::string& sql, const std::string& what) {
  try {
    administrator_->execute(sql);
    return true;
  } catch (const Error& e) {
    warnings_.push_back("could not drop the " + what + " on the shadow server: " + e.message());
    return false;
  }
}

const std::string& GivenServer::real_name(std::string_view database) const {
  const auto found = databases_.find(database);
  if (found != databases_.end()) return found->second;
  throw Error("there is no shadow database \"" + std::string(database) + "\"",
              "On a server of yours plumbline uses databases of its own making only.");
}

void GivenServer::create_database(std::string_view name, std::string_view template_name) {
  const std::string real = shortened(mark_ + "_" + std::string(name));
  std::string sql = "CREATE DATABASE " + quote_identifier(real) + " TEMPLATE ";
  sql += template_name.empty() ? "template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
                               : quote_identifier(real_name(template_name));
  administrator_->execute(sql);
  databases_.emplace(name, real);
}

void GivenServer::drop_database(std::string_view name) {
  const auto found = databases_.find(name);
  if (found == databases_.end()) return;
  administrator_->execute("DROP DATABASE IF EXISTS " + quote_identifier(found->second) + " WITH (FORCE)");
  databases_.erase(found);
}

std::string GivenServer::conninfo(std::string_view database) const {
  return with_parameter(url_, "dbname", real_name(database));
}

void GivenServer::create_role(std::string_view name) {
  if (administrator_->value("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1", {std::string(name)}))
    return;
  const std::string role = quote_identifier(name);
  try {
    // The comment lets a later run know whose it was.
    administrator_->execute("BEGIN; CREATE ROLE " + role + "; COMMENT ON ROLE " + role + " IS " +
                            quote_literal(mark_) + "; COMMIT");
  } catch (Error& e) {
    if (administrator_->in_transaction()) administrator_->execute("ROLLBACK");
    if (e.sqlstate() != "42501") throw;
    throw Error("the user \"" + role_ + "\" of the shadow server may not create the role \"" +
                    std::string(name) + "\" that the migrations name",
                "Create the role there, or run ALTER ROLE " + quote_identifier(role_) + " CREATEROLE.");
  }
  roles_.emplace_back(name);
}

}  // namespace plumbline
