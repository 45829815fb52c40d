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

// Only as a line of its own: who quotes our comment has "> " before it.
bool has_mark(const Note& note, const std::string& mark) {
  const std::string body = plain(note.body);
  return body == mark || body.ends_with("\n" + mark);
}

// What keeping is done with, for comments as for issues.
struct Keeper {
  std::function<std::vector<Note>()> all;
  std::function<Note()> add;
  std::function<Note(const Note&)> edit;
  std::string mark, body;

  std::vector<Note> ours() const {
    std::vector<Note> notes = all();
    std::erase_if(notes, [&](const Note& note) { return !has_mark(note, mark); });
    return notes;
  }

  bool is_said_by(const Note& note) const { return plain(note.body) == plain(body); }

  // Adding may have been done without our hearing of it, so we look for one that was not among those before
  // adding another one.
  Note add_once(const std::vector<Note>& before) const {
    for (int look = 1;; ++look) {
      try {
        return add();
      } catch (const NotHeard&) {
        if (look == looks) throw;
        for (const Note& note : ours()) {
          if (std::ranges::find(before, note.id, &Note::id) == before.end()) return note;
        }
      }
    }
  }

  // Nothing when it was deleted in between, or when it is somebody else's who put our mark into it.
  std::optional<Note> edited(const Note& note) const {
    try {
      return edit(note);
    } catch (const Refused& refused) {
      if (refused.status() != 403 && refused.status() != 404 && refused.status() != 410) throw;
      return std::nullopt;
    }
  }

  Kept keep() const {
    const std::vector<Note> there = ours();
    const auto same = std::ranges::find_if(there, [&](const Note& note) { return is_said_by(note); });
    if (same != there.end()) return {Kept::Deed::nothing, *same};
    for (const Note& note : there) {
      if (const auto now = edited(note)) return {Kept::Deed::edited, *now};
    }
    return {Kept::Deed::added, add_once(there)};
  }
};

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
  const Keeper keeper{.all = [&] { return forge.comments(number); },
                      .add = [&] { return forge.add_comment(number, body); },
                      .edit = [&](const Note& note) { return forge.edit_comment(number, note, body); },
                      .mark = marker(key),
                      .body = body};
  if (!wanted && keeper.ours().empty()) return {};
  return keeper.keep();
}

Kept keep_issue(Forge& forge, const std::string& key, const Issue& issue, bool wanted) {
  const Keeper keeper{.all = [&] { return forge.open_issues(issue.label); },
                      .add = [&] { return forge.add_issue(issue); },
                      .edit = [&](const Note& note) { return forge.edit_issue(note, issue); },
                      .mark = marker(key),
                      .body = issue.body};
  if (!wanted && keeper.ours().empty()) return {};
  Kept kept = keeper.keep();
  if (!wanted) {
    forge.close_issue(kept.note);
    kept.deed = Kept::Deed::closed;
  }
  return kept;
}

}  // namespace plumbline
