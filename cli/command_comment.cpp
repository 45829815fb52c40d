#include <charconv>
#include <cstring>
#include <sstream>

#include "cli/commands.h"
#include "cli/environment.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/read_file.h"
#include "cli/saved_report.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "publish/fitting.h"
#include "publish/forge.h"
#include "publish/keep_one.h"
#include "report/escape.h"
#include "report/formats.h"
#include "report/wording.h"

namespace plumbline {

namespace {

constexpr std::size_t most_title = 200;
constexpr char github_api[] = "https://api.github.com";

std::string variable(const std::string& name) { return environment_variable(name).value_or(""); }

std::string first_of(const std::string& name, const std::string& other) {
  return variable(name).empty() ? variable(other) : variable(name);
}

bool is_gitlab() { return !variable("CI_API_V4_URL").empty() && variable("GITHUB_REPOSITORY").empty(); }

ForgeAccess access_of(const PublishFlags& flags) {
  ForgeAccess access;
  access.timeout_seconds = flags.timeout_seconds();
  if (is_gitlab()) {
    access.api = variable("CI_API_V4_URL");
    access.repository = variable("CI_PROJECT_ID");
    access.token = variable("GITLAB_TOKEN");
  } else {
    access.api = variable("GITHUB_API_URL").empty() ? github_api : variable("GITHUB_API_URL");
    access.repository = variable("GITHUB_REPOSITORY");
    access.token = first_of("GITHUB_TOKEN", "GH_TOKEN");
  }
  if (access.repository.empty()) {
    throw Error("it is not said which repository to write to",
                "Set GITHUB_REPOSITORY to OWNER/NAME, or CI_API_V4_URL and CI_PROJECT_ID for GitLab.");
  }
  if (access.token.empty()) {
    throw Error("there is no token to write with", is_gitlab() ? "Set GITLAB_TOKEN to one with the scope api."
                                                               : "Set GITHUB_TOKEN to one that may write.");
  }
  return access;
}

int number_in(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

int pull_request(const PublishFlags& flags) {
  if (flags.pull_request) return *flags.pull_request;
  if (const int number = number_in(variable("CI_MERGE_REQUEST_IID"))) return number;
  if (const std::string event = variable("GITHUB_EVENT_PATH"); !event.empty()) {
    if (const int number = pull_request_of_event(read_file(event))) return number;
  }
  constexpr std::string_view pulls = "refs/pull/";
  if (const std::string ref = variable("GITHUB_REF"); ref.starts_with(pulls)) {
    if (const int number = number_in(std::string_view(ref).substr(pulls.size()))) return number;
  }
  throw Error("it is not said which pull request to comment on",
              "Say --pull-request N, or run where GITHUB_EVENT_PATH or CI_MERGE_REQUEST_IID says it.");
}

// What is to be said, and whether there is anything to say.
struct Comment {
  std::string body, title;
  bool wanted = true;
};

Comment comment_of_text(const std::string& file, std::string_view format) {
  const std::string text(trim(read_file(file)));
  if (text.empty())
    throw Error("there is nothing in \"" + file + "\" to say",
                "Write the text or the report again, and give that.");
  std::string first = text.substr(0, text.find('\n'));
  std::erase_if(first, [](char c) { return c == '#' || c == '*' || c == '`'; });
  return {.body = format == "text" ? markdown_fenced(text, "") : text,
          .title = shortened(trim(first), most_title)};
}

Comment comment_of_report(const std::string& file, bool always) {
  Report report = read_saved_report(file);
  report.previous.clear();  // or the comment would change with each run and say nothing else
  report.standings.clear();
  std::ostringstream text;
  write_markdown(report, {}, text);
  return {.body = text.str(),
          .title = "Schema drift: " + verdict_counts(report),
          .wanted = report.drift() || always};
}

Comment comment_of(const std::string& file, const PublishFlags& flags) {
  const Format* format = format_of_file(file);
  const bool is_text = format && (format->name == "markdown" || format->name == "text");
  Comment comment = is_text ? comment_of_text(file, format->name) : comment_of_report(file, flags.always);
  std::string body(trim(comment.body));
  if (const std::string usual = marker(""); body.ends_with(usual)) body.erase(body.size() - usual.size());
  comment.body = fitting_markdown(trim(body), MarkdownOptions().most_bytes) + "\n" +
                 marker(flags.key.value_or("")) + "\n";
  return comment;
}

Kept keep(const Comment& comment, const PublishFlags& flags) {
  const ForgeAccess access = access_of(flags);
  const auto http = make_http();
  const Patience patience{.sleep = {}, .say = [](const std::string& what) { log::info(what); }};
  const auto forge =
      is_gitlab() ? make_gitlab(access, *http, patience) : make_github(access, *http, patience);
  const std::string key = flags.key.value_or("");
  if (flags.issue)
    return keep_issue(*forge, key, {*flags.issue, comment.title, comment.body}, comment.wanted);
  return keep_comment(*forge, pull_request(flags), key, comment.body, comment.wanted);
}

}  // namespace

int run_comment(const Settings&, const std::string& file, const PublishFlags& flags) {
  const Comment comment = comment_of(file, flags);
  try {
    const Kept kept = keep(comment, flags);
    const std::string what = flags.issue ? "issue " : "comment ";
    log::info(what + std::string(to_string(kept.deed)));
    if (!kept.note.url.empty()) print(visible_line(kept.note.url) + "\n");
  } catch (const Error&) {
    print(comment.body);  // so that it is not lost: the log of the job has it
    throw;
  }
  return 0;
}

}  // namespace plumbline
