#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

namespace plumbline {

struct Options;
struct Settings;

// What a checkout says (.env, plumbline.toml) was written by whoever wrote the branch. Without trust it may
// say where the database is, and neither name programs nor have secrets of the caller sent anywhere.

// --trust-project, or PLUMBLINE_TRUST_PROJECT of the environment; to be asked before .env is read.
bool is_project_trusted(const Options& options);

// True for what lies in the checkout: below the directory of .git, else below the working directory. Without
// .git a settings file that was `found` and not named belongs to it, too.
bool belongs_to_project(const std::filesystem::path& file, bool found);

// True for a path inside of the checkout, as it is written, that a link leads out of it.
bool leads_out_of_project(const std::filesystem::path& file);

// True for a variable that .env may set without trust.
bool may_be_set_by_project(std::string_view name);

// An address of live or of a server for replays.
struct NamedAddress {
  std::string url, source;
  bool by_project = false;
  bool holds_secret = false;  // a variable of the caller's stands in it
};

// An address of a file as it is written, before its variables are replaced.
NamedAddress address_of_file(const std::string& written, const std::string& source,
                             const std::set<std::string>& from_dotenv, const Settings& settings);

// Throws Error when the project would redirect a connection or be sent a secret of the caller's.
void mind_address(const NamedAddress& address, const std::set<std::string>& from_dotenv,
                  const Settings& settings);

// Throws Error when the project's settings name a program; `key` is where.
void mind_program(const std::string& command, const std::string& key, const Settings& settings);

// The same for a file outside of the project whose content would be sent.
void mind_secret_file(const std::string& file, const std::string& key, const Settings& settings);

}  // namespace plumbline
