#pragma once

#include <chrono>
#include <string>

// What a SIGINT, SIGTERM or SIGHUP does. Left to themselves they end the program at once, and the server
// works on at its statement, with all its locks. docs/decisions/0026-signals.md has the reasons.
namespace plumbline::interrupt {

// To be called by main() before there is a second thread. From then on the first of these signals cancels on
// their servers the statements under way; it then ends the program, unless an Orderly end is asked for. A
// second one, more than a second later, ends it in any case. One that was ignored at the start stays ignored.
void watch_signals();

// The signal that came; 0: none.
int signal();
// "interrupted by SIGTERM"
std::string what_happened();

// As long as there is one, a signal does not end the program: each statement and each wait ends with an
// Error, and whoever holds something gives it back.
class Orderly {
 public:
  Orderly();
  ~Orderly();
  Orderly(const Orderly&) = delete;
  Orderly& operator=(const Orderly&) = delete;
};

// Within its scope this thread goes on all the same: for ROLLBACK, and for what must be noted.
class Shield {
 public:
  Shield();
  ~Shield();
  Shield(const Shield&) = delete;
  Shield& operator=(const Shield&) = delete;
};

// Whether this thread has to stop: a signal came, and there is no Shield.
bool is_due();
// Throws Error when it has.
void check();
// Throws as check() does, as soon as a signal comes.
void sleep_for(std::chrono::milliseconds time);
// Becomes readable with the signal; -1 when none is watched.
int descriptor();

// Something that another thread can put an end to.
class Cancellable {
 public:
  virtual ~Cancellable() = default;
  virtual void cancel() = 0;
};

// In its scope the other side may be at work for this thread, and a signal cancels that: again and again,
// since the first cancel may be there before the statement is. Behind its end none is sent. Throws as check()
// does.
class UnderWay {
 public:
  explicit UnderWay(Cancellable& work);
  ~UnderWay();
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  Cancellable* work_;
};

}  // namespace plumbline::interrupt
