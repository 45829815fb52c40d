#include <nlohmann/json.hpp>

#include "postgres/error.h"
#include "publish/forge.h"

namespace plumbline {

namespace {

using Json = nlohmann::ordered_json;

constexpr int page_size = 100;
constexpr int most_pages = 100;

std::string as_body(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

class Api {
 public:
  Api(ForgeAccess access, std::vector<std::string> headers, Http& http, Patience patience)
      : access_(std::move(access)),
        headers_(std::move(headers)),
        http_(http),
        patience_(std::move(patience)) {
    while (access_.api.ends_with('/')) access_.api.pop_back();
    headers_.emplace_back("Content-Type: application/json");
  }

  Json ask(const std::string& method, const std::string& path, const Json& body, bool repeatable) {
    const HttpRequest request{method, access_.api + path, headers_,
                              body.is_null() ? std::string() : as_body(body), access_.timeout_seconds};
    const HttpResponse response = send_patiently(http_, request, patience_, repeatable);
    check_answer(response, request);
    try {
      return Json::parse(response.body);
    } catch (const Json::exception&) {
      throw Error(host_of(request.url) + " answered with something that is no JSON",
                  "Check that the address is that of the API.");
    }
  }

  std::vector<Json> all(const std::string& path) {
    std::vector<Json> items;
    const std::string separator = path.find('?') == std::string::npos ? "?" : "&";
    for (int page = 1; page <= most_pages; ++page) {
      const Json answer = ask(
          "GET", path + separator + "per_page=" + std::to_string(page_size) + "&page=" + std::to_string(page),
          {}, true);
      if (!answer.is_array()) throw Error("the service answered with something else than a list");
      for (const Json& item : answer) items.push_back(item);
      if (answer.size() < page_size) break;
    }
    return items;
  }

  const std::string& repository() const { return access_.repository; }

 private:
  ForgeAccess access_;
  std::vector<std::string> headers_;
  Http& http_;
  Patience patience_;
};

std::string percent(const std::string& text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    if (plain) {
      result += c;
    } else {
      result += {'%', digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]};
    }
  }
  return result;
}

class GitHub : public Forge {
 public:
  explicit GitHub(Api api) : api_(std::move(api)), root_("/repos/" + api_.repository()) {}

  std::vector<Note> comments(int number) override {
    return notes(api_.all(root_ + "/issues/" + std::to_string(number) + "/comments"));
  }
  Note add_comment(int number, const std::string& body) override {
    return note(
        api_.ask("POST", root_ + "/issues/" + std::to_string(number) + "/comments", {{"body", body}}, false));
  }
  Note edit_comment(int, const Note& comment, const std::string& body) override {
    return note(api_.ask("PATCH", root_ + "/issues/comments/" + comment.id, {{"body", body}}, true));
  }
  std::vector<Note> open_issues(const std::string& label) override {
    std::vector<Note> issues;
    for (const Json& json : api_.all(root_ + "/issues?state=open&labels=" + percent(label))) {
      if (!json.contains("pull_request")) issues.push_back(issue(json));  // GitHub counts them as issues
    }
    return issues;
  }
  Note add_issue(const Issue& wanted) override {
    return issue(api_.ask("POST", root_ + "/issues",
                          {{"title", wanted.title}, {"labels", {wanted.label}}, {"body", wanted.body}},
                          false));
  }
  Note edit_issue(const Note& one, const Issue& wanted) override {
    return issue(api_.ask("PATCH", root_ + "/issues/" + one.id,
                          {{"title", wanted.title}, {"body", wanted.body}}, true));
  }
  void close_issue(const Note& one) override {
    api_.ask("PATCH", root_ + "/issues/" + one.id, {{"state", "closed"}, {"state_reason", "completed"}},
             true);
  }

 private:
  static Note note(const Json& json) {
    return {text_of(json, "id"), text_of(json, "body"), text_of(json, "html_url")};
  }
  static Note issue(const Json& json) {
    return {text_of(json, "number"), text_of(json, "body"), text_of(json, "html_url")};
  }
  static std::vector<Note> notes(const std::vector<Json>& items) {
    std::vector<Note> result;
    result.reserve(items.size());
    for (const Json& item : items) result.push_back(note(item));
    return result;
  }

  Api api_;
  std::string root_;
};

class GitLab : public Forge {
 public:
  explicit GitLab(Api api) : api_(std::move(api)), root_("/projects/" + percent(api_.repository())) {}

  std::vector<Note> comments(int number) override {
    std::vector<Note> result;
    for (const Json& json : api_.all(notes_of(number))) result.push_back(note(json));
    return result;
  }
  Note add_comment(int number, const std::string& body) override {
    return note(api_.ask("POST", notes_of(number), {{"body", body}}, false));
  }
  Note edit_comment(int number, const Note& comment, const std::string& body) override {
    return note(api_.ask("PUT", notes_of(number) + "/" + comment.id, {{"body", body}}, true));
  }
  std::vector<Note> open_issues(const std::string& label) override {
    std::vector<Note> result;
    for (const Json& json : api_.all(root_ + "/issues?state=opened&labels=" + percent(label))) {
      result.push_back(issue(json));
    }
    return result;
  }
  Note add_issue(const Issue& wanted) override {
    return issue(api_.ask("POST", root_ + "/issues",
                          {{"title", wanted.title}, {"labels", wanted.label}, {"description", wanted.body}},
                          false));
  }
  Note edit_issue(const Note& one, const Issue& wanted) override {
    return issue(api_.ask("PUT", root_ + "/issues/" + one.id,
                          {{"title", wanted.title}, {"description", wanted.body}}, true));
  }
  void close_issue(const Note& one) override {
    api_.ask("PUT", root_ + "/issues/" + one.id, {{"state_event", "close"}}, true);
  }

 private:
  std::string notes_of(int number) const {
    return root_ + "/merge_requests/" + std::to_string(number) + "/notes";
  }
  static Note note(const Json& json) { return {text_of(json, "id"), text_of(json, "body"), {}}; }
  static Note issue(const Json& json) {
    return {text_of(json, "iid"), text_of(json, "description"), text_of(json, "web_url")};
  }

  Api api_;
  std::string root_;
};

}  // namespace

std::unique_ptr<Forge> make_github(const ForgeAccess& access, Http& http, const Patience& patience) {
  return std::make_unique<GitHub>(
      Api(access,
          {"Authorization: Bearer " + access.token, "Accept: application/vnd.github+json",
           "X-GitHub-Api-Version: 2022-11-28"},
          http, patience));
}

std::unique_ptr<Forge> make_gitlab(const ForgeAccess& access, Http& http, const Patience& patience) {
  return std::make_unique<GitLab>(Api(access, {"PRIVATE-TOKEN: " + access.token}, http, patience));
}

int pull_request_of_event(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return 0;
  for (const char* key : {"pull_request", "issue"}) {
    const auto found = json.find(key);
    if (found != json.end() && found->is_object() && found->contains("number") &&
        (*found)["number"].is_number_integer())
      return (*found)["number"].get<int>();
  }
  return 0;
}

}  // namespace plumbline
