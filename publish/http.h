#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "postgres/error.h"

namespace plumbline {

struct HttpRequest {
  std::string method = "GET", url;
  std::vector<std::string> headers = {};  // "Name: value"
  std::string body = {};
  int timeout_seconds = 30;        // for the whole exchange
  bool is_address_secret = false;  // then nothing that is answered is told: it may say what was asked for
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  bool ok() const { return status >= 200 && status < 300; }
  std::string header(const std::string& name) const;  // empty when absent
};

// Nobody whom we trust vouches for the other side; asking again would not help.
class Distrusted : public Error {
  using Error::Error;
};

// Who speaks HTTP. Throws Error when there was no answer; any status is one. Texts of errors hold no more of
// an address than its host: the rest may be a secret. A service that has moved something is followed where it
// says, as long as that is the same host: a token is for nobody else.
class Http {
 public:
  virtual ~Http() = default;
  virtual HttpResponse send(const HttpRequest& request) = 0;
};

std::unique_ptr<Http> make_http();

// Seconds since 1970 of a date as headers have it, "Fri, 21 Nov 2025 07:28:00 GMT"; nothing for another text.
std::optional<long long> http_time(const std::string& text);

// "https://hooks.example.org" of an address, for people.
std::string host_of(const std::string& url);

}  // namespace plumbline
