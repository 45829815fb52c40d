#include "publish/keep_one.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "postgres/text.h"

namespace plumbline {

namespace {

constexpr int looks = 3;

// The services turn line ends around and cut blanks off.
std::string plain(const std::string& body) {
  std::string result;
  for (const char c : body) {
    if (c != '\r') result += c;
  }
  return std::string(trim(result));
}

// Adding may have been done without our hearing of it, so we look again before adding another one.
Note add_once(const std::function<std::optional<Note>()>& find, const std::function<Note()>& add) {
  for (int look = 1;; ++look) {
    try {
      return add();
    } catch (const NotHeard&) {
      if (look == looks) throw;
      if (const auto there = find()) return *there;
    }
  }
}

}  // namespace

std::string_view to_string(Kept::Deed deed) {
  switch (deed) {
    case Kept::Deed::nothing:
      return "unchanged";
    case Kept::Deed::added:
      return "added";
    case Kept::Deed::edited:
      return "edited";
    case Kept::Deed::closed:
      return "closed";
  }
  return {};
}

std::string marker(const std::string& key) {
  return "<!-- plumbline" + (key.empty() ? "" : " " + key) + " -->";
}

Kept keep_comment(Forge& forge, int number, const std::string& key, const std::string& body, bool wanted) {
  const auto find = [&]() -> std::optional<Note> {
    const std::vector<Note> all = forge.comments(number);
    const auto ours =
        std::ranges::find_if(all, [&](const Note& note) { return plain(note.body).ends_with(marker(key)); });
    return ours == all.end() ? std::nullopt : std::optional(*ours);
  };
  const auto there = find();
  if (!there && !wanted) return {};
  if (!there) return {Kept::Deed::added, add_once(find, [&] { return forge.add_comment(number, body); }).url};
  if (plain(there->body) == plain(body)) return {Kept::Deed::nothing, there->url};
  return {Kept::Deed::edited, forge.edit_comment(number, *there, body).url};
}

Kept keep_issue(Forge& forge, const std::string& label, const std::string& title, const std::string& body,
                bool wanted) {
  const auto find = [&]() -> std::optional<Note> {
    const std::vector<Note> all = forge.open_issues(label);
    const auto ours =
        std::ranges::find_if(all, [&](const Note& note) { return plain(note.body).ends_with(marker("")); });
    return ours == all.end() ? std::nullopt : std::optional(*ours);
  };
  const auto there = find();
  if (!there && !wanted) return {};
  if (!there)
    return {Kept::Deed::added, add_once(find, [&] { return forge.add_issue(title, label, body); }).url};
  const bool same = plain(there->body) == plain(body);
  if (!same) forge.edit_issue(*there, body);
  if (!wanted) forge.close_issue(*there);
  return {!wanted ? Kept::Deed::closed : same ? Kept::Deed::nothing : Kept::Deed::edited, there->url};
}

}  // namespace plumbline
