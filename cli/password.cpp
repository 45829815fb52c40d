#include "cli/password.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/environment.h"
#include "cli/trust.h"
#include "expected/process.h"
#include "postgres/error.h"

namespace plumbline {

void take_password(const Settings& settings) {
  if (environment_variable("PGPASSWORD")) return;
  std::string password;
  mind_program(settings.password_command, "password_command", settings);
  mind_secret_file(settings.password_file, "password_file", settings);
  if (!settings.password_command.empty()) {
    Invocation command;
    command.words = {"/bin/sh", "-c", settings.password_command};
    command.directory = std::filesystem::current_path();
    command.sees_our_environment = true;
    command.errors_apart = true;
    const Outcome outcome = run(command);
    if (outcome.exit_code != 0) {
      throw Error("the password command failed with exit code " + std::to_string(outcome.exit_code),
                  "Run it by hand; it is password_command in " + settings.config_file + ".");
    }
    password = outcome.output;
  } else if (!settings.password_file.empty()) {
    std::ifstream file(settings.password_file);
    if (!std::getline(file, password)) {
      throw Error("cannot read the password file \"" + settings.password_file + "\"",
                  "Check the path and its permissions.");
    }
  }
  while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) password.pop_back();
  constexpr int keep_what_is_set = 0;
  if (!password.empty()) setenv("PGPASSWORD", password.c_str(), keep_what_is_set);
}

}  // namespace plumbline
