#include "publish/http.h"

#include <curl/curl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

constexpr std::size_t most_bytes = 32U << 20U;
constexpr long most_seconds_to_connect = 10;
constexpr int most_moves = 3;

std::size_t take_body(const char* data, std::size_t size, std::size_t count, void* target) {
  auto& body = *static_cast<std::string*>(target);
  if (body.size() + size * count > most_bytes) return 0;
  body.append(data, size * count);
  return size * count;
}

std::size_t take_header(const char* data, std::size_t size, std::size_t count, void* target) {
  const std::string_view line(data, size * count);
  if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    auto& headers = *static_cast<std::map<std::string, std::string>*>(target);
    headers[to_lower(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
  }
  return size * count;
}

// Debian's libcurl looks for certificates where Debian has them. A bundled one may run elsewhere.
const char* certificate_file() {
  if (const char* chosen = std::getenv("SSL_CERT_FILE"); chosen && *chosen) return chosen;
  constexpr const char* known[] = {
      "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Alpine
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Red Hat and its kin
      "/etc/pki/tls/certs/ca-bundle.crt",                   // older ones
      "/var/lib/ca-certificates/ca-bundle.pem",             // SUSE
      "/etc/ssl/cert.pem",
  };
  for (const char* file : known) {
    if (access(file, R_OK) == 0) return file;
  }
  return nullptr;  // libcurl's own default, and its error
}

struct List {
  curl_slist* first = nullptr;
  ~List() { curl_slist_free_all(first); }
  void add(const std::string& text) { first = curl_slist_append(first, text.c_str()); }
};

class CurlHttp : public Http {
 public:
  CurlHttp() : handle_(curl_easy_init()) {
    if (!handle_) throw Error("libcurl cannot be started");
  }
  ~CurlHttp() override { curl_easy_cleanup(handle_); }
  CurlHttp(const CurlHttp&) = delete;
  CurlHttp& operator=(const CurlHttp&) = delete;

  HttpResponse send(const HttpRequest& request) override {
    HttpRequest asked = request;
    HttpResponse response = send_once(asked);
    for (int moves = 0; moves < most_moves && response.status / 100 == 3; ++moves) {
      const char* there = nullptr;
      curl_easy_getinfo(handle_, CURLINFO_REDIRECT_URL, &there);
      if (!there || host_of(there) != host_of(asked.url)) break;
      asked.url = std::string(there);
      response = send_once(asked);
    }
    return response;
  }

 private:
  HttpResponse send_once(const HttpRequest& request) {
    HttpResponse response;
    List headers;
    for (const std::string& header : request.headers) headers.add(header);
    headers.add("User-Agent: plumbline/" PLUMBLINE_VERSION);
    headers.add("Expect:");  // bodies are small: no asking before
    curl_easy_reset(handle_);
    prepare(request, headers.first, response);
    if (const CURLcode code = curl_easy_perform(handle_); code != CURLE_OK) {
      const std::string message = host_of(request.url) + " gave no answer: " + curl_easy_strerror(code);
      if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
        throw Distrusted(message,
                         "Install the package \"ca-certificates\", or let SSL_CERT_FILE name the file of "
                         "certificates to trust.");
      }
      throw Error(message, "Check the address and the network, or try again later.");
    }
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    return response;
  }

  void prepare(const HttpRequest& request, curl_slist* headers, HttpResponse& response) {
    curl_easy_setopt(handle_, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers);
    if (certificates_) curl_easy_setopt(handle_, CURLOPT_CAINFO, certificates_);
    curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle_, CURLOPT_CONNECTTIMEOUT, most_seconds_to_connect);
    curl_easy_setopt(handle_, CURLOPT_TIMEOUT, static_cast<long>(request.timeout_seconds));
    if (!request.body.empty()) {
      curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
      curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle_, CURLOPT_WRITEDATA, &response.body);
    curl_easy_setopt(handle_, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(handle_, CURLOPT_HEADERDATA, &response.headers);
  }

  CURL* handle_;
  const char* certificates_ = certificate_file();
};

}  // namespace

std::string HttpResponse::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::unique_ptr<Http> make_http() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw Error("libcurl cannot be started");
  return std::make_unique<CurlHttp>();
}

std::optional<long long> http_time(const std::string& text) {
  const time_t seconds = curl_getdate(text.c_str(), nullptr);
  return seconds < 0 ? std::nullopt : std::optional<long long>(seconds);
}

std::string host_of(const std::string& url) {
  const std::size_t start = url.find("://");
  if (start == std::string::npos) return "the address";
  const std::size_t end = url.find_first_of("/?#", start + 3);
  const std::string authority = url.substr(start + 3, end == std::string::npos ? end : end - start - 3);
  const std::size_t at = authority.rfind('@');  // before it a password
  return url.substr(0, start + 3) + (at == std::string::npos ? authority : authority.substr(at + 1));
}

}  // namespace plumbline
