#pragma once

#include "cli/settings.h"

namespace plumbline {

// Gives libpq the password that password_command prints or password_file holds, unless PGPASSWORD is set. It
// is known to this process and to what it starts, and is never printed.
void take_password(const Settings& settings);

}  // namespace plumbline
