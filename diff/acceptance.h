#pragma once

#include <span>
#include <string>
#include <vector>

#include "diff/finding.h"

namespace plumbline {

// Findings that --adopt may make a migration of, and those of class security that have to be named first.
struct Adoption {
  std::vector<const Finding*> free;
  std::vector<const Finding*> to_be_named;
  std::vector<std::string> unknown;  // ids that were named and no finding has
};

// A finding of which any change is of class security is one, whatever else it is. `named` are ids.
Adoption split_for_adoption(std::span<const Finding> findings, std::span<const std::string> named);

// What is said of those that are not named: a message, and a hint that can be pasted.
struct AdoptionRefusal {
  std::string message, hint;
};
AdoptionRefusal refusal_of(const Adoption& adoption, std::string_view flag);

}  // namespace plumbline
