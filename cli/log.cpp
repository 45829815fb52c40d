#include "cli/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

#include "postgres/text.h"
#include "report/escape.h"

namespace plumbline::log {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds redraw_every{80}, say_every{5000};

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

// Writes lines to stderr and keeps out of the way of the progress line, which is always the last one.
class Sink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void set_colour(bool colour) { colour_ = colour; }

  void draw(const std::string& line) {
    const std::lock_guard lock(mutex_);
    put("\r\x1b[K" + line);
    drawn_ = !line.empty();
  }

  void say(const std::string& line) {
    const std::lock_guard lock(mutex_);
    put(line + "\n");
  }

  void ask(const std::string& question) {
    const std::lock_guard lock(mutex_);
    put((drawn_ ? "\r\x1b[K" : "") + question);
    drawn_ = false;
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string text = drawn_ ? "\r\x1b[K" : "";
    drawn_ = false;
    text += "plumbline: ";
    if (message.level == spdlog::level::err) text += coloured("error: ", "1;31");
    if (message.level == spdlog::level::warn) text += coloured("warning: ", "33");
    put(text.append(message.payload.begin(), message.payload.end()) + "\n");
  }
  void flush_() override {}

 private:
  std::string coloured(const std::string& text, const char* code) const {
    return colour_ ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
  }
  static void put(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

  bool colour_ = false;
  bool drawn_ = false;
};

struct State {
  std::shared_ptr<Sink> sink = std::make_shared<Sink>();
  spdlog::logger logger{"plumbline", sink};
  Level level = Level::normal;
  std::vector<std::pair<std::string, std::string>> masks;
  std::mutex progress;
  bool in_progress = false;
  Clock::time_point started, last;
  Clock::time_point begun = Clock::now();
};

State& state() {
  static State only;
  return only;
}

std::string masked(std::string_view message) {
  std::string text(message);
  for (const auto& [secret, instead] : state().masks) {
    for (std::size_t at = text.find(secret); at != text.npos; at = text.find(secret, at + instead.size()))
      text.replace(at, secret.size(), instead);
  }
  return text;
}

// What came from a server or a file must not steer the terminal.
void say(spdlog::level::level_enum level, std::string_view message) {
  state().logger.log(level, spdlog::string_view_t(visible(masked(message))));
}

bool draws() {
  static const bool answer = [] {
    const char* terminal = std::getenv("TERM");
    return isatty(STDERR_FILENO) && !std::getenv("CI") && terminal && std::string_view(terminal) != "dumb";
  }();
  return answer;
}

std::string seconds(std::chrono::milliseconds elapsed) {
  return std::to_string(elapsed.count() / 1000) + " s";
}

void show(std::string_view doing, std::size_t done, std::size_t total) {
  State& all = state();
  const std::lock_guard lock(all.progress);
  const Clock::time_point now = Clock::now();
  if (!all.in_progress || now - all.last < (draws() ? redraw_every : say_every)) return;
  all.last = now;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - all.started);
  if (draws()) {
    all.sink->draw(progress_text(doing, done, total, elapsed, terminal_width() - 1));
  } else {
    all.sink->say("plumbline: " + plain_progress_text(doing, done, total, elapsed));
  }
}

std::string count(std::size_t done, std::size_t total) {
  if (total == 0) return done == 0 ? "" : std::to_string(done);
  return std::to_string(done) + "/" + std::to_string(total);
}

}  // namespace

void configure(Level level, bool colour) {
  State& all = state();
  all.level = level;
  all.begun = Clock::now();
  all.sink->set_colour(colour);
  const auto least = level == Level::quiet     ? spdlog::level::err
                     : level == Level::verbose ? spdlog::level::debug
                                               : spdlog::level::info;
  all.logger.set_level(least);
}

void mask(const std::string& text, const std::string& instead) { state().masks.emplace_back(text, instead); }

void error(const Error& error) { say(spdlog::level::err, error_text(error)); }
void warning(std::string_view message) { say(spdlog::level::warn, message); }
void info(std::string_view message) { say(spdlog::level::info, message); }
void ask(std::string_view question) { state().sink->ask("plumbline: " + visible_line(masked(question))); }
void detail(std::string_view message) {
  if (state().level != Level::verbose) return;
  const std::chrono::duration<double> elapsed = Clock::now() - state().begun;
  say(spdlog::level::debug, fmt::format("[{:.2f} s] {}", elapsed.count(), message));
}
void done(std::string_view message) { draws() ? detail(message) : info(message); }

ProgressLine::ProgressLine() {
  State& all = state();
  const std::lock_guard lock(all.progress);
  all.in_progress = all.level != Level::quiet;
  all.started = Clock::now();
  // A short piece of work passes without a line.
  all.last = draws() ? all.started + redraw_every : all.started;
}

ProgressLine::~ProgressLine() {
  State& all = state();
  const std::lock_guard lock(all.progress);
  if (all.in_progress && draws()) all.sink->draw("");
  all.in_progress = false;
}

Progress ProgressLine::callback() { return show; }

std::string progress_text(std::string_view doing, std::size_t done, std::size_t total,
                          std::chrono::milliseconds elapsed, std::size_t width) {
  constexpr std::size_t bar = 20;
  std::string text;
  if (total > 0) {
    const std::size_t filled = bar * std::min(done, total) / total;
    text = "[" + std::string(filled, '#') + std::string(bar - filled, ' ') + "] ";
  }
  if (const std::string numbers = count(done, total); !numbers.empty()) text += numbers + " ";
  const std::string end = ", " + seconds(elapsed);
  const std::size_t left = width > text.size() + end.size() ? width - text.size() - end.size() : 0;
  text += shortened(visible_line(doing), left) + end;
  return text.substr(0, utf8_offset(text, width));
}

std::string plain_progress_text(std::string_view doing, std::size_t done, std::size_t total,
                                std::chrono::milliseconds elapsed) {
  const std::string numbers = count(done, total);
  return visible_line(doing) + (numbers.empty() ? "" : ": " + numbers) + ", " + seconds(elapsed);
}

std::string error_text(const Error& error) {
  std::string text = error.message();
  if (!error.report().detail.empty()) text += "\ndetail: " + error.report().detail;
  if (!error.report().context.empty()) text += "\ncontext: " + error.report().context;
  if (!error.hint().empty()) text += "\nhint: " + error.hint();
  return text;
}

}  // namespace plumbline::log
