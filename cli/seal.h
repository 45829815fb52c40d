#pragma once

namespace plumbline {

// Moves the environment of this process, secrets and all, out of where the kernel shows it to everybody who
// runs as the same user (/proc/PID/environ), and lets nobody but root read our memory or dump it. For the
// first line of main(): getenv() answers as before.
void seal_environment();

}  // namespace plumbline
