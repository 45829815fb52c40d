#pragma once

#include <functional>
#include <string>

#include "postgres/error.h"
#include "publish/http.h"

namespace plumbline {

// How long to wait for a service that is busy, limits us or is away for a while.
struct Patience {
  int attempts = 4;
  int longest_wait = 120;                       // seconds; a service that asks for more is given up
  std::function<void(int)> sleep;               // seconds; empty: the clock's
  std::function<void(const std::string&)> say;  // why we wait; empty: nobody listens
};

// Nobody knows whether the service has acted on what it was asked.
class NotHeard : public Error {
 public:
  using Error::Error;
};

// How many seconds a service wants us to stay away, by its answer: 403, 429 and 503 with Retry-After (seconds
// or a date) or an exhausted rate limit; -1: it is no matter of waiting. `now` are seconds since 1970.
int asked_to_wait(const HttpResponse& response, long long now);

// Sends, and again after a wait when the service asks for that, was away or broke. With `repeatable` false it
// is sent again only when the service has certainly not acted on it, else NotHeard is thrown. Throws Error in
// the end; a status that waiting does not mend is returned.
HttpResponse send_patiently(Http& http, const HttpRequest& request, const Patience& patience,
                            bool repeatable = true);

// The service has heard us and will not.
class Refused : public Error {
 public:
  Refused(int status, std::string message, std::string hint)
      : Error(std::move(message), std::move(hint)), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

// Throws Refused for a status that is no success, with what to do about the usual ones.
void check_answer(const HttpResponse& response, const HttpRequest& request);

}  // namespace plumbline
