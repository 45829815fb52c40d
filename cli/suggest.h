#pragma once

#include <string>
#include <vector>

namespace plumbline {

// The one of `known` that `word` was probably meant to be; empty when none is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known);

}  // namespace plumbline
