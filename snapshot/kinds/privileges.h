#pragma once

#include <compare>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "snapshot/object.h"
#include "snapshot/script.h"

// Access lists as text (PLUMBLINE_ACL_TEXT), taken apart and turned into GRANT and REVOKE.
namespace plumbline::kinds {

struct Holder {
  std::string grantee, grantor;  // quoted; the grantor is empty for the owner
  friend auto operator<=>(const Holder&, const Holder&) = default;
};
using Grants = std::map<Holder, std::set<std::string>>;  // "SELECT", "SELECT*", "ALL"

// An empty text stands for what an object starts with.
Grants grants_in(std::string_view text, bool open_to_public);

// What a new object starts with, ALTER DEFAULT PRIVILEGES included; `owner`: who it belongs to in the end,
// quoted.
Grants born_with(const Change& change, const std::string& owner);

struct GrantTarget {
  std::string prefix;   // "ALTER DEFAULT PRIVILEGES FOR ROLE app "
  std::string on;       // "TABLE public.t"
  std::string columns;  // " (a)"; empty: the whole
  std::string owner;    // quoted; empty: nobody's own privileges are told
  // After everything of a holder was revoked: to give back what went along without being meant.
  std::function<void(const Holder&)> after_revoke;
};

void grant(const GrantTarget& target, const Holder& holder, const std::set<std::string>& privileges,
           Script& out);
void change_grants(const GrantTarget& target, const Grants& had, const Grants& has, Script& out);

}  // namespace plumbline::kinds
