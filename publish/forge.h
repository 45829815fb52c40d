#pragma once

#include <memory>
#include <string>
#include <vector>

#include "publish/http.h"
#include "publish/patience.h"

namespace plumbline {

// Where a project lives, and as whom we write there.
struct ForgeAccess {
  std::string api;         // "https://api.github.com"
  std::string repository;  // "owner/name", or GitLab's number or path of the project
  std::string token;
  int timeout_seconds = 30;
};

// A comment, or an issue with its text.
struct Note {
  std::string id, body, url;
};

// What an issue is to say.
struct Issue {
  std::string label, title, body;
};

// What GitHub and GitLab have in common. `number` is that of a pull or merge request.
class Forge {
 public:
  virtual ~Forge() = default;
  virtual std::vector<Note> comments(int number) = 0;
  // Throws Error when it may or may not have been written: who calls looks again.
  virtual Note add_comment(int number, const std::string& body) = 0;
  virtual Note edit_comment(int number, const Note& comment, const std::string& body) = 0;
  virtual std::vector<Note> open_issues(const std::string& label) = 0;
  virtual Note add_issue(const Issue& issue) = 0;
  virtual Note edit_issue(const Note& there, const Issue& issue) = 0;
  virtual void close_issue(const Note& there) = 0;
};

std::unique_ptr<Forge> make_github(const ForgeAccess& access, Http& http, const Patience& patience);
std::unique_ptr<Forge> make_gitlab(const ForgeAccess& access, Http& http, const Patience& patience);

// The number of the pull request in the event that GitHub wrote for a workflow; 0: it is about none.
int pull_request_of_event(const std::string& json);

}  // namespace plumbline
