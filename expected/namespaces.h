#pragma once

#include <sys/types.h>

namespace plumbline {

// What the kernel gives a forked child for itself. Everything here is safe where only async-signal-safe
// functions are. Elsewhere than on Linux all of it fails with ENOSYS. 0 is success, anything else is errno.

// A user namespace in which user and group stay what they are. It gives the rights to make the others.
int enter_user_namespace() noexcept;
// A network namespace that holds nothing but a loopback device; sockets of the file system still reach out.
int leave_network() noexcept;
// A mount namespace from which nothing that is mounted gets out.
int leave_mounts() noexcept;
// Shared memory and semaphores of its own.
int leave_shared_memory() noexcept;
// Turns the caller into the first process of a process namespace: what it starts sees no process outside, and
// all of it is killed when it ends. Who called stays behind, passes on signals, and ends as the new process
// does. When this fails the caller goes on where it was.
int enter_process_namespace() noexcept;
// Forks; the child goes on, as a child that cannot outlive its parent, and the caller stays behind as above.
// For the first process of a namespace, which has to bury the orphans.
int stay_behind_as_first_process() noexcept;
// Lets the kernel kill this process when its parent ends, or has ended. A change of user forgets it.
void end_with_parent() noexcept;

}  // namespace plumbline
