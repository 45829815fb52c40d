#include "expected/sandbox.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#ifdef __linux__
#include <linux/keyctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "expected/namespaces.h"
#include "expected/private_directory.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

namespace fs = std::filesystem;

// Runs it in a child, for what cannot be taken back. True when it returns 0.
template <typename Attempt>
bool succeeds_in_child(const Attempt& attempt) noexcept {
  const pid_t child = fork();
  if (child == 0) _exit(attempt() == 0 ? 0 : 1);
  int status = 1;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return child > 0 && status == 0;
}

std::vector<fs::path> directories_of(const char* variable) {
  std::vector<fs::path> result;
  const char* list = std::getenv(variable);
  for (const std::string& directory : split(list ? list : "", ':')) {
    if (directory.starts_with('/')) result.emplace_back(directory);
  }
  return result;
}

// Where the loader and libraries look, as the environment of a server says.
std::vector<fs::path> readable_beside(const fs::path& programs) {
  std::vector<fs::path> result = needed_by_programs(programs);
  for (const char* variable :
       {"LD_LIBRARY_PATH", "TZDIR", "ICU_DATA", "PROJ_LIB", "GDAL_DATA", "PLUMBLINE_READABLE"}) {
    for (fs::path& directory : directories_of(variable)) result.push_back(std::move(directory));
  }
  return result;
}

const fs::path& with_places(const fs::path& own, const std::optional<ServerUser>& user) {
  for (const char* name : {"root", "tmp"}) {
    if (mkdir((own / name).c_str(), 0700) != 0)
      throw Error("cannot make a directory in \"" + own.string() + "\": " + std::strerror(errno),
                  "Let PLUMBLINE_TMPDIR name a directory that can be written and has room.");
    give_to(user, own / name);
  }
  return own;
}

// Nobody gains rights by running a program of root's, and the keys of our session stay with us.
void give_up_rights() noexcept {
#ifdef __linux__
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
#endif
}

}  // namespace

struct Sandbox::Report {
  Isolation reached;
};

Sandbox::Sandbox(const fs::path& own, const fs::path& programs, const std::optional<ServerUser>& user)
    : user_(user), root_(with_places(own, user), readable_beside(programs), private_directories()) {
  void* memory = mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw Error(std::string("cannot share memory: ") + std::strerror(errno));
  report_ = new (memory) Report;
}

Sandbox::~Sandbox() { munmap(report_, sizeof(Report)); }

Isolation Sandbox::reached() const { return report_->reached; }

// Ubuntu 24.04 lets anybody make a user namespace and nobody do anything in it
// (kernel.apparmor_restrict_unprivileged_userns); there is no way back, so a child tries it first.
Sandbox::Way Sandbox::possible_way() const noexcept {
  const auto as_user = [this] {
    if (const int error = become(user_)) return error;
    if (const int error = enter_user_namespace()) return error;
    return leave_network();
  };
  if (succeeds_in_child(as_user)) return Way::user_namespace;
  return succeeds_in_child(leave_network) ? Way::privileged : Way::none;
}

int Sandbox::enter_namespaces(Way way, Isolation& reached) const noexcept {
  if (way != Way::privileged) {
    if (const int error = become(user_)) return error;
  }
  if (way == Way::none) return 0;
  if (way == Way::user_namespace) enter_user_namespace();
  reached.network = leave_network() == 0;
  leave_shared_memory();
  const bool mounts = leave_mounts() == 0;
  reached.processes = enter_process_namespace() == 0;
  reached.files = mounts && root_.enter(reached.processes) == 0;
  if (way == Way::privileged) {
    if (const int error = become(user_)) return error;
    if (reached.processes) end_with_parent();
  }
  if (reached.processes && stay_behind_as_first_process() != 0) _exit(127);
  return 0;
}

int Sandbox::enter() const noexcept {
  Isolation reached;
  if (const int error = enter_namespaces(possible_way(), reached)) return error;
  give_up_rights();
  report_->reached = reached;
  return 0;
}

std::string shared_with_sandbox(const Isolation& isolation) {
  std::vector<std::string> shared;
  if (!isolation.network) shared.emplace_back("the network of this machine");
  if (!isolation.processes) shared.emplace_back("its processes");
  if (!isolation.files) shared.emplace_back("its files");
  if (shared.empty()) return {};
  return "the throw-away server shares " + join(shared, ", ") +
         ", since the kernel allows it no namespaces of its own: code in migrations can reach these";
}

Isolation possible_isolation() {
  const std::optional<ServerUser> user = server_user();
  const PrivateDirectory directory(user);
  const Sandbox sandbox(directory.path(), "/usr/bin", user);
  succeeds_in_child([&] { return sandbox.enter(); });
  std::error_code error;
  fs::remove_all(directory.path(), error);
  return sandbox.reached();
}

}  // namespace plumbline
