#pragma once

#include <set>
#include <string>

#include "cli/options.h"
#include "cli/settings.h"

namespace plumbline {

class Connection;

// Decides which database is live, by rank: the command line (--url, then --env), the environment
// (PLUMBLINE_URL, PLUMBLINE_ENV, DATABASE_URL), the files (.env in the same order, plumbline.toml). Says in a
// line each what is overruled and names another database. `from_dotenv` are the variables that only .env
// sets. Throws UsageError where two of the deciding rank disagree and the command writes.
void choose_database(const Options& options, const std::set<std::string>& from_dotenv, Settings& settings);

// True for a command that changes the database, as it was called.
bool writes_live(const Options& options);

// A protected environment wants its name: by --confirm, or typed on the terminal. Throws UsageError when
// there is neither, Error when another name was said.
void confirm_environment(const Options& options, const Settings& settings);

// Whether the database is the one of a protected environment.
bool is_protected(const Settings& settings);

// The same of what the settings name, before anybody has connected.
std::string described_target(const Settings& settings);

// What a report says of live, with the environment that was named.
std::string with_environment(const Settings& settings, const std::string& actual);
// And without it.
std::string without_environment(const std::string& actual);

// "production (db.internal:5432/shop)", or the database alone where no environment was named.
std::string described_target(const Settings& settings, const std::string& database);

}  // namespace plumbline
