#include <csignal>

#include "cli/commands.h"
#include "cli/descriptors.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/seal.h"
#include "cli/target.h"
#include "postgres/interrupt.h"

namespace {

constexpr int exit_error = 1, exit_usage = 64;

int run(int argc, char** argv) {
  plumbline::note_passwords(argc, argv);
  const plumbline::Options options = plumbline::parse_options(argc, argv);
  plumbline::hide_passwords(argc, argv);
  if (!options.command) {
    plumbline::print(options.print);
    return 0;
  }
  const plumbline::Settings settings = plumbline::resolve_settings(options);
  for (const std::string& warning : settings.warnings) plumbline::log::warning(warning);
  for (const std::string& note : settings.notes) plumbline::log::info(note);
  plumbline::confirm_environment(options, settings);
  return options.command->run(settings, options);
}

}  // namespace

int main(int argc, char** argv) {
  plumbline::seal_environment();
  plumbline::open_missing_descriptors();
  plumbline::interrupt::watch_signals();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away shows as an error of the write
  std::signal(SIGXFSZ, SIG_IGN);  // and so does a limit on the size of files
  try {
    return run(argc, argv);
  } catch (const plumbline::UsageError& error) {
    plumbline::log::error(error);
    return exit_usage;
  } catch (const plumbline::Error& error) {
    plumbline::log::error(error);
  } catch (const std::bad_alloc&) {
    plumbline::log::error(plumbline::Error("out of memory"));
  } catch (const std::exception& error) {
    plumbline::log::error(plumbline::Error(std::string("internal error: ") + error.what(),
                                           "Please report it with the command line that leads to it."));
  }
  const int signal = plumbline::interrupt::signal();
  return signal != 0 ? 128 + signal : exit_error;
}
