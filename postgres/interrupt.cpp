#include "postgres/interrupt.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <thread>
#include <vector>

#include "postgres/error.h"

namespace plumbline::interrupt {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_cancels{100};
constexpr std::chrono::seconds for_echoes{1};  // a terminal and a parent may both send one

struct Watched {
  sigset_t signals{};
  int read_end = -1, write_end = -1;
  std::atomic<int> signal = 0;
  std::mutex mutex;  // guards what stands below
  std::condition_variable changed;
  std::vector<Cancellable*> under_way;
  int orderly = 0;
};

// Never taken down: its threads run until the process ends.
Watched& watched() {
  static auto* only = new Watched;
  return *only;
}

thread_local int shields = 0;

const char* name_of(int number) {
  return number == SIGINT ? "SIGINT" : number == SIGHUP ? "SIGHUP" : "SIGTERM";
}

bool is_ignored(int number) {
  struct sigaction now {};
  return sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

[[noreturn]] void end_by(int number) {
  ::signal(number, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &watched().signals, nullptr);
  kill(getpid(), number);
  _exit(128 + number);
}

// With the mutex held, so that what is under way is not over before its cancel is on its way.
void cancel_all() {
  for (Cancellable* work : watched().under_way) work->cancel();
}

void wind_up() {
  Watched& all = watched();
  std::unique_lock lock(all.mutex);
  if (all.orderly == 0) {
    cancel_all();
    end_by(all.signal);
  }
  while (true) {
    cancel_all();
    all.changed.wait_for(lock, between_cancels);
  }
}

[[noreturn]] void wait_for_signals() {
  Watched& all = watched();
  int number = 0;
  while (sigwait(&all.signals, &number) != 0) {
  }
  all.signal = number;
  [[maybe_unused]] const ssize_t written = write(all.write_end, "!", 1);
  std::thread(wind_up).detach();
  all.changed.notify_all();
  std::this_thread::sleep_for(for_echoes);
  const timespec at_once{};
  while (sigtimedwait(&all.signals, nullptr, &at_once) > 0) {
  }
  pthread_sigmask(SIG_UNBLOCK, &all.signals, nullptr);
  while (true) pause();
}

}  // namespace

void watch_signals() {
  Watched& all = watched();
  sigemptyset(&all.signals);
  bool any = false;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    if (is_ignored(number)) continue;  // nohup, and what a script starts with "&"
    sigaddset(&all.signals, number);
    any = true;
  }
  int ends[2] = {-1, -1};
  if (!any || pipe2(ends, O_CLOEXEC) != 0) return;
  all.read_end = ends[0];
  all.write_end = ends[1];
  // Threads that are made from here on inherit the mask, so that the one that waits gets every signal.
  pthread_sigmask(SIG_BLOCK, &all.signals, nullptr);
  std::thread(wait_for_signals).detach();
}

int signal() { return watched().signal; }

std::string what_happened() { return std::string("interrupted by ") + name_of(signal()); }

Orderly::Orderly() {
  const std::lock_guard lock(watched().mutex);
  ++watched().orderly;
}

Orderly::~Orderly() {
  const std::lock_guard lock(watched().mutex);
  --watched().orderly;
}

Shield::Shield() { ++shields; }
Shield::~Shield() { --shields; }

bool is_due() { return signal() != 0 && shields == 0; }

void check() {
  if (is_due()) throw Error(what_happened(), "", {.sqlstate = "57014"});
}

void sleep_for(milliseconds time) {
  {
    Watched& all = watched();
    std::unique_lock lock(all.mutex);
    all.changed.wait_for(lock, time, [] { return is_due(); });
  }
  check();
}

int descriptor() { return watched().read_end; }

UnderWay::UnderWay(Cancellable& work) : work_(shields == 0 ? &work : nullptr) {
  if (!work_) return;
  const std::lock_guard lock(watched().mutex);
  check();
  watched().under_way.push_back(work_);
}

UnderWay::~UnderWay() {
  if (!work_) return;
  const std::lock_guard lock(watched().mutex);
  std::erase(watched().under_way, work_);
}

}  // namespace plumbline::interrupt
