#pragma once

#include <filesystem>
#include <optional>

#include "expected/server_user.h"

namespace plumbline {

// Copies a directory and all below it to `target`, which must not be there; what it makes is private to its
// owner: us, or `owner`. Symbolic links stay links. Throws Error, and then there may be a part of a copy.
void copy_tree(const std::filesystem::path& source, const std::filesystem::path& target,
               const std::optional<ServerUser>& owner);

// True for a directory, and no link to one, that belongs to who we are. In any other somebody may have put
// what we would take for our own.
bool is_own_directory(const std::filesystem::path& directory);

// As copy_tree, but `target` appears whole or not at all, and is ours. When somebody else has put one there
// meanwhile, theirs stays. Remains of earlier attempts that were cut off are removed.
void keep_tree(const std::filesystem::path& source, const std::filesystem::path& target);

}  // namespace plumbline
