#include "cli/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

namespace plumbline {

void open_missing_descriptors() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(number, F_GETFD) != -1 || errno != EBADF) continue;
    // open(2) gives the lowest free number. A result that nobody gets must not pass for written.
    const int opened = open("/dev/null", number == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    if (opened == number || opened < 0) continue;
    dup2(opened, number);
    close(opened);
  }
}

bool stdout_takes_writes() {
  const int flags = fcntl(STDOUT_FILENO, F_GETFL);
  return flags != -1 && (flags & O_ACCMODE) != O_RDONLY;
}

}  // namespace plumbline
