#include "report/moment.h"

#include <array>
#include <ctime>

namespace plumbline {

namespace {

constexpr char form[] = "%Y-%m-%dT%H:%M:%SZ";

}  // namespace

long long seconds_of(std::string_view time) {
  std::tm parts{};
  return strptime(std::string(time).c_str(), form, &parts) ? static_cast<long long>(timegm(&parts)) : 0;
}

std::string time_of(long long seconds) {
  const auto moment = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&moment, &parts);
  std::array<char, 32> text{};
  return std::string(text.data(), std::strftime(text.data(), text.size(), form, &parts));
}

}  // namespace plumbline
