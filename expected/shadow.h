#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.h"

namespace plumbline {

// The server programs of one installation.
struct ServerBinaries {
  std::filesystem::path directory;  // holds postgres, initdb, pg_ctl
  int version = 0;                  // major
  std::string full_version;         // "15.18"
};

// Every installation on this machine, newest first: those of PLUMBLINE_PG_BIN (a list of directories
// separated by ':', each holding `postgres`) and no other when it is set, else pg_config on PATH, PATH,
// /usr/lib/postgresql/*/bin and the like, and last PLUMBLINE_PACKAGED_SERVERS, from our own launchers. Runs
// `postgres --version` once each.
std::vector<ServerBinaries> find_server_binaries();

// The installation to use for a live server of that major: the same major, else the nearest newer, else the
// newest older. Throws Error that says what to install when there is none.
ServerBinaries choose_server_binaries(int major);

// The path of a pg_dump that reads servers up to that major; looked for where servers are looked for, and on
// PATH. Throws Error that says what to install when there is none.
std::filesystem::path choose_pg_dump(int major);

// The path of a psql of any version, looked for in the same places; empty when there is none.
std::filesystem::path find_psql();

struct ShadowOptions {
  int major = 0;                  // preferred major of the server, 0: the newest
  std::string url;                // a server of the user's to make databases on, instead of starting one
  std::string role = "postgres";  // who replays: created as a superuser when the server lacks it
  std::filesystem::path cache_directory;  // where initialised data directories are kept; empty: no cache
  std::filesystem::path data_from;        // start with a copy of this saved data directory
};

// A server that is gone afterwards, whatever happens: on return, exception, Ctrl-C and when this process is
// killed a guardian process stops it and removes its directory. A private unix socket, no TCP, no fsync. As
// root it runs as another user. With options.url: databases on that server, dropped at the end (roles we made
// there too).
class Shadow {
 public:
  virtual ~Shadow() = default;
  virtual int version() const = 0;
  virtual std::string full_version() const = 0;
  // A fresh database made from template0 (UTF8) or from `template_name`, owned by options.role.
  virtual void create_database(std::string_view name, std::string_view template_name = {}) = 0;
  virtual void drop_database(std::string_view name) = 0;
  // For libpq; as role(). Throws Error for a database that this shadow did not make, on a server of the
  // user's.
  virtual std::string conninfo(std::string_view database) const = 0;
  std::unique_ptr<Connection> connect(std::string_view database) const;
  // A role that migrations name and the server lacks; NOLOGIN.
  virtual void create_role(std::string_view name) = 0;
  // Shuts the server down and keeps its data directory as `target` (atomically, whole or not at all); false
  // where that is impossible (a server of the user's). The shadow can be used no more.
  virtual bool save(const std::filesystem::path& target) = 0;
  // Who replays and owns what it makes: options.role, or on a server of the user's the user of options.url.
  virtual std::string role() const = 0;
  // What went wrong without harm, for people: a cache that cannot be written, a role that could not be
  // dropped.
  virtual std::vector<std::string> warnings() const = 0;
};

std::unique_ptr<Shadow> start_shadow(const ShadowOptions& options);

}  // namespace plumbline
