#include <algorithm>
#include <functional>

#include <nlohmann/json.hpp>

#include "postgres/error.h"
#include "postgres/text.h"
#include "publish/message.h"
#include "report/escape.h"
#include "report/standing.h"
#include "report/wording.h"

namespace plumbline {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_findings = 10;
constexpr std::size_t most_lines = 60;  // of any text; Teams refuses cards of more than 28 KB
constexpr std::size_t most_line = 200;
constexpr std::size_t most_title = 150;   // of a header of Slack
constexpr std::size_t most_text = 2'900;  // of a section, 3,000

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string line_of(const Finding& finding, const Report& report) {
  const Standing* standing = report.standing(finding);
  const bool marked = standing && standing->state != Standing::State::known;
  return std::string(to_string(finding.severity)) + ": " +
         (marked ? std::string(to_string(standing->state)) + ", " : "") +
         visible_line(shortened(summary_of(finding), most_line));
}

// What is new comes first, or it might be among those there is no room for.
std::vector<std::string> finding_lines(const Report& report) {
  std::vector<const Finding*> findings = by_severity(report);
  std::stable_partition(findings.begin(), findings.end(),
                        [&](const Finding* finding) { return is_news(report, *finding); });
  std::vector<std::string> lines;
  for (const Finding* finding : findings) {
    if (lines.size() == most_findings) break;
    lines.push_back(line_of(*finding, report));
  }
  if (findings.size() > lines.size()) {
    lines.push_back("and " + counted(findings.size() - lines.size(), "more finding"));
  }
  return lines;
}

std::vector<std::string> fixed_lines(const Report& report) {
  const std::vector<FixedFinding> fixed = fixed_now(report);
  std::vector<std::string> lines;
  for (const FixedFinding& one : fixed) {
    if (lines.size() == most_findings) break;
    lines.push_back("fixed: " + visible_line(shortened(summary_of(one), most_line)));
  }
  if (fixed.size() > lines.size())
    lines.push_back("and " + counted(fixed.size() - lines.size(), "more finding") + " fixed");
  return lines;
}

// Names of people and channels, links and emphasis are made of these; Slack wants the three as entities.
std::string slack_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  }
  return result;
}

// Adaptive Cards know a little Markdown: emphasis, links, and lists by how a line begins.
std::string teams_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool number = (c == '.' || c == ')') && !result.empty() &&
                        result.find_first_not_of("0123456789") == std::string::npos;
    const bool item = (c == '-' || c == '+') && result.empty();
    if (number || item || std::string_view("\\*_[]`#<>~|").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string value_of(const std::string& name, const Message& message) {
  const auto found = message.values.find(name);
  if (found != message.values.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [each, value] : message.values) known.push_back(each);
  throw Error("the template asks for \"{{" + name + "}}\", which there is not",
              "Known are: " + join(known, ", ") + ".");
}

std::string filled(const std::string& text, const Message& message) {
  std::string result;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = text.find("{{", at),
                      close = text.find("}}", open == std::string::npos ? at : open);
    if (open == std::string::npos || close == std::string::npos) return result + text.substr(at);
    result += text.substr(at, open - at);
    result += value_of(std::string(trim(text.substr(open + 2, close - open - 2))), message);
    at = close + 2;
  }
}

void fill(Json& json, const Message& message) {
  if (json.is_string()) json = filled(json.get<std::string>(), message);
  if (json.is_structured()) {
    for (auto& item : json) fill(item, message);
  }
}

}  // namespace

Message message_of(const Report& report) {
  Message message;
  message.title = std::string(verdict(report)) + (report.drift() ? ": " : " in ") + verdict_counts(report);
  message.lines.push_back(visible_line(compared_states(report)));
  if (const std::string news = news_of(report); !news.empty()) message.lines.push_back(news);
  const std::vector<std::string> findings = finding_lines(report), fixed = fixed_lines(report);
  message.lines.insert(message.lines.end(), findings.begin(), findings.end());
  message.lines.insert(message.lines.end(), fixed.begin(), fixed.end());
  message.values = {{"title", message.title},
                    {"verdict", std::string(verdict(report))},
                    {"counts", verdict_counts(report)},
                    {"findings", std::to_string(report.findings.size())},
                    {"actual", report.actual},
                    {"expected", report.expected},
                    {"migrations", report.migrations},
                    {"at", report.at},
                    {"time", report.time},
                    {"news", news_of(report)},
                    {"pending", std::to_string(report.pending.size())},
                    {"list", join(findings, "\n")},
                    {"text", message.title + "\n" + join(message.lines, "\n")}};
  return message;
}

Message message_of(const std::string& text) {
  Message message;
  for (const std::string& line : split(text, '\n')) {
    const std::string plain(trim(line));
    if (plain.empty()) continue;
    if (message.title.empty()) {
      message.title = visible_line(plain);
    } else {
      message.lines.push_back(visible_line(shortened(plain, most_line)));
    }
    if (message.lines.size() == most_lines) break;
  }
  message.values = {{"title", message.title}, {"text", text}, {"list", join(message.lines, "\n")}};
  return message;
}

bool has_news(const Report& report) {
  if (report.previous.empty() && report.standings.empty()) return report.drift();
  return !fixed_now(report).empty() || std::ranges::any_of(report.findings, [&](const Finding& finding) {
    return is_news(report, finding);
  });
}

std::string slack_message(const Message& message) {
  const std::string text = slack_text(shortened(join(message.lines, "\n"), most_text));
  const Json header = {{"type", "header"},
                       {"text", {{"type", "plain_text"}, {"text", shortened(message.title, most_title)}}}};
  const Json section = {{"type", "section"},
                        {"text", {{"type", "mrkdwn"}, {"text", shortened(text, 3'000)}, {"verbatim", true}}}};
  return dumped({{"text", slack_text(message.title)}, {"blocks", Json::array({header, section})}});
}

std::string teams_message(const Message& message) {
  Json body = Json::array({{{"type", "TextBlock"},
                            {"text", teams_text(message.title)},
                            {"weight", "Bolder"},
                            {"size", "Medium"},
                            {"wrap", true}}});
  for (const std::string& line : message.lines) {
    body.push_back({{"type", "TextBlock"}, {"text", teams_text(line)}, {"wrap", true}, {"spacing", "Small"}});
  }
  const Json card = {{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                     {"type", "AdaptiveCard"},
                     {"version", "1.4"},
                     {"body", body}};
  const Json attachment = {{"contentType", "application/vnd.microsoft.card.adaptive"}, {"content", card}};
  return dumped({{"type", "message"}, {"attachments", Json::array({attachment})}});
}

std::string filled_template(const std::string& text, const Message& message) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw Error("the template is no JSON", "Write JSON with {{names}} in its texts.");
  fill(json, message);
  return dumped(json);
}

}  // namespace plumbline
