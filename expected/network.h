#pragma once

#include <sys/types.h>

namespace plumbline {

// What is said where the kernel allows a throw-away server no network of its own.
constexpr const char* network_is_shared =
    "the throw-away server shares the network of this machine, since the kernel allows it no network "
    "namespace: what migrations run on it can reach other hosts";

// Puts this process, a forked child, into a network namespace of its own that holds nothing but a loopback
// device; sockets of the file system still reach it. Safe where only async-signal-safe functions are. Returns
// errno when the kernel does not allow it: 0 is success.
int leave_network() noexcept;
// The same for whom the kernel allows it in a user namespace only; user and group stay what they are.
int leave_network_with_user_namespace() noexcept;

// Whether a child of ours can have one, in either way.
bool network_can_be_left();

// Whether the process is in a network namespace other than ours; false where that cannot be told.
bool has_network_of_its_own(pid_t process);

}  // namespace plumbline
