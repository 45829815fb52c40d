#pragma once

#include <string>

#include "snapshot/object.h"
#include "snapshot/scene.h"
#include "snapshot/script.h"

// The statements that make functions and procedures.
namespace plumbline::kinds {

// "f(integer)" -> "f"; as quoted.
std::string routine_name(std::string_view signature);

void create_routine(const Object& object, Scene& scene, Script& out);
// CREATE OR REPLACE, for what it may change.
bool replace_routine(const Change& change, Script& out);

}  // namespace plumbline::kinds
