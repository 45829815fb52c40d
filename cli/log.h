#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "postgres/error.h"
#include "snapshot/capture.h"

// Everything that is said along the way goes to stderr from here, and from nowhere else.
namespace plumbline::log {

enum class Level { quiet, normal, verbose };

// Before it is called: normal, without colour.
void configure(Level level, bool colour);

// From here on no message shows `text`, but `instead` in its place.
void mask(const std::string& text, const std::string& instead);

void error(const Error& error);          // always
void warning(std::string_view message);  // unless quiet
void info(std::string_view message);     // unless quiet
void ask(std::string_view question);     // always, and leaves the cursor behind it
void detail(std::string_view message);   // when verbose, with the time since configure()
void done(std::string_view message);  // one of many is done: unless a progress line is drawn, which says it

// One long piece of work at a time. On a terminal one line that is drawn again and again, and is gone when
// this is; without one a plain line every five seconds.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  Progress callback();  // may be called from any thread while this lives
};

// The line, at most `width` wide: "[####      ] 12/30 replaying 0012_orders.sql, 3 s".
std::string progress_text(std::string_view doing, std::size_t done, std::size_t total,
                          std::chrono::milliseconds elapsed, std::size_t width);
// Without a terminal: "replaying 0012_orders.sql: 12/30, 5 s".
std::string plain_progress_text(std::string_view doing, std::size_t done, std::size_t total,
                                std::chrono::milliseconds elapsed);

// The lines of an error: what happened, what the server added, what to do.
std::string error_text(const Error& error);

}  // namespace plumbline::log
