#pragma once

#include <string>

#include "publish/forge.h"

namespace plumbline {

// What became of a comment or an issue.
struct Kept {
  enum class Deed { nothing, added, edited, closed } deed = Deed::nothing;
  Note note = {};
};
std::string_view to_string(Kept::Deed deed);  // "unchanged", "added", "edited", "closed"

// How we know our own again, whoever wrote before: the whole last line of the body.
std::string marker(const std::string& key);

// Has exactly one comment with this marker say `body`: writes it, edits it in place, or does nothing when it
// says that already. Without `wanted` there is none to be written, but one that is there is kept up to date.
// One that was deleted meanwhile, or that we may not edit, is none.
Kept keep_comment(Forge& forge, int number, const std::string& key, const std::string& body, bool wanted);

// The same for an open issue with a label, which is closed when it is not wanted.
Kept keep_issue(Forge& forge, const std::string& key, const Issue& issue, bool wanted);

}  // namespace plumbline
