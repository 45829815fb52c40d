#include "publish/patience.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <optional>
#include <thread>

#include "postgres/text.h"

namespace plumbline {

namespace {

constexpr int first_wait = 1;
constexpr int busy_wait = 60;  // what GitHub's manual asks for where its answer names no time
constexpr std::size_t most_shown = 200;

std::optional<long long> number_in(const std::string& text) {
  long long number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

int within_bounds(long long seconds) {
  return static_cast<int>(std::clamp<long long>(seconds, 0, 1'000'000));
}

void wait(const Patience& patience, int seconds, const std::string& why) {
  if (patience.say) patience.say(why + "; trying again in " + std::to_string(seconds) + " s");
  if (patience.sleep) return patience.sleep(seconds);
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
}

// What an attempt came to.
struct Attempt {
  std::optional<HttpResponse> response;
  std::string trouble;   // why it is worth another one; empty: it is not
  int wait = 0;          // seconds that the service asks for; 0: it does not say
  bool acted_on = true;  // whether the service may have done what we asked
};

Attempt attempt(Http& http, const HttpRequest& request) {
  Attempt result;
  try {
    result.response = http.send(request);
  } catch (const Distrusted&) {
    throw;
  } catch (const Error& error) {
    result.trouble = error.message();
    return result;
  }
  const int seconds = asked_to_wait(*result.response, std::time(nullptr));
  const int status = result.response->status;
  if (seconds >= 0) {
    result.trouble =
        host_of(request.url) + " limits how often it may be asked (" + std::to_string(status) + ")";
    result.wait = seconds;
    result.acted_on = false;
  } else if (status >= 500 || status == 408) {
    result.trouble = host_of(request.url) + " answered " + std::to_string(status);
    result.acted_on = status != 503;
  }
  return result;
}

std::string hint_for(int status) {
  if (status == 401) return "Check the token: it is not accepted.";
  if (status == 403)
    return "Give the token the right to write here; on GitHub the job's \"permissions\" say which it has.";
  if (status == 404)
    return "Check the address, the repository and the number; or the token may not see them.";
  if (status / 100 == 3) return "It has moved to another host: name that one.";
  return "See what the service says, and try again later.";
}

}  // namespace

int asked_to_wait(const HttpResponse& response, long long now) {
  if (response.status != 403 && response.status != 429 && response.status != 503) return -1;
  const std::string after = response.header("retry-after");
  if (const auto seconds = number_in(after)) return within_bounds(*seconds);
  if (const auto date = http_time(after)) return within_bounds(*date - now);
  const auto reset = number_in(response.header("x-ratelimit-reset"));
  if (response.header("x-ratelimit-remaining") == "0" && reset) {
    return within_bounds(*reset - now + 1);
  }
  if (response.body.find("secondary rate limit") != std::string::npos) return busy_wait;
  return response.status == 429 ? 0 : -1;
}

HttpResponse send_patiently(Http& http, const HttpRequest& request, const Patience& patience,
                            bool repeatable) {
  int usual = first_wait;
  for (int number = 1;; ++number, usual *= 2) {
    Attempt one = attempt(http, request);
    if (one.trouble.empty()) return *one.response;
    const int seconds = one.wait > 0 ? one.wait : usual;
    if (seconds > patience.longest_wait) {
      throw Error(one.trouble + " and asks to wait " + std::to_string(seconds) + " s", "Try again later.");
    }
    if (one.acted_on && !repeatable) throw NotHeard(one.trouble, "Look whether it was done, then try again.");
    if (number >= patience.attempts) {
      throw Error(one.trouble, "Try again later; nothing else depends on it.");
    }
    wait(patience, seconds, one.trouble);
  }
}

void check_answer(const HttpResponse& response, const HttpRequest& request) {
  if (response.ok()) return;
  std::string said = request.is_address_secret ? "" : response.body.substr(0, most_shown);
  std::ranges::replace(said, '\n', ' ');
  throw Refused(response.status,
                host_of(request.url) + " answered " + std::to_string(response.status) + " to " +
                    request.method + (said.empty() ? "" : ": " + said),
                hint_for(response.status));
}

}  // namespace plumbline
