#include "cli/commands.h"

namespace plumbline {

int run_doctor(const Settings&) { throw Error("not built yet"); }

}  // namespace plumbline
