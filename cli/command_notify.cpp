#include <cstring>
#include <optional>
#include <sstream>

#include "cli/commands.h"
#include "cli/environment.h"
#include "cli/log.h"
#include "cli/read_file.h"
#include "cli/saved_report.h"
#include "cli/suggest.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "publish/http.h"
#include "publish/message.h"
#include "publish/patience.h"

namespace plumbline {

namespace {

constexpr char address_variable[] = "PLUMBLINE_WEBHOOK_URL";

HttpRequest json_request(const std::string& url, std::string body) {
  return {
      .method = "POST", .url = url, .headers = {"Content-Type: application/json"}, .body = std::move(body)};
}

std::string metrics_of(const Report& report) {
  std::ostringstream text;
  write_prometheus(report, text);
  return text.str();
}

std::string metrics_address(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url.find("/metrics/job/") == std::string::npos ? url + "/metrics/job/plumbline" : url;
}

HttpRequest metrics_request(const Report& report, const std::string& url) {
  return {.method = "PUT",
          .url = metrics_address(url),
          .headers = {"Content-Type: text/plain; version=0.0.4"},
          .body = metrics_of(report)};
}

HttpRequest request_of(const Message& message, const std::string& url, const PublishFlags& flags) {
  const std::string service = flags.to.value_or("webhook");
  if (service == "slack") return json_request(url, slack_message(message));
  if (service == "teams") return json_request(url, teams_message(message));
  if (service == "webhook") {
    if (!flags.template_file) {
      throw UsageError("a webhook needs to know what to send",
                       "Name a JSON template with --template FILE.json.");
    }
    return json_request(url, filled_template(read_file(*flags.template_file), message));
  }
  if (service == "pushgateway") {
    throw UsageError("a Pushgateway takes metrics, not a text", "Give it a report that --format json wrote.");
  }
  const std::vector<std::string> known{"slack", "teams", "webhook", "pushgateway"};
  const std::string near = did_you_mean(service, known);
  throw UsageError(
      "unknown service \"" + service + "\"",
      (near.empty() ? "" : "Did you mean " + near + "? ") + "Known are: " + join(known, ", ") + ".");
}

// Nothing: nobody needs to be told.
std::optional<HttpRequest> request_of(const std::string& file, const std::string& url,
                                      const PublishFlags& flags) {
  const bool is_text = to_lower(file).ends_with(".md") || to_lower(file).ends_with(".txt");
  if (is_text) return request_of(message_of(read_file(file)), url, flags);
  const Report report = read_saved_report(file);
  // A dashboard wants every run, people only what is new.
  if (flags.to == "pushgateway") return metrics_request(report, url);
  HttpRequest request = request_of(message_of(report), url, flags);
  if (!flags.always && !has_news(report)) return std::nullopt;
  return request;
}

}  // namespace

int run_notify(const Settings&, const std::string& file, const PublishFlags& flags) {
  const std::string url = environment_variable(address_variable).value_or("");
  if (url.empty()) {
    throw Error(
        std::string(address_variable) + " is not set, so there is nowhere to send to",
        "Set it to the address; it is a secret, and no flag because others may read the command line.");
  }
  std::optional<HttpRequest> request = request_of(file, url, flags);
  if (!request) {
    log::info("no new findings; notification skipped");
    return 0;
  }
  request->is_address_secret = true;
  request->timeout_seconds = flags.timeout_seconds();
  const auto http = make_http();
  const Patience patience{.sleep = {}, .say = [](const std::string& what) { log::info(what); }};
  check_answer(send_patiently(*http, *request, patience), *request);
  log::info("sent to " + host_of(url));
  return 0;
}

}  // namespace plumbline
