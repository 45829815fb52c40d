#include "runner/next_version.h"

#include <algorithm>

namespace plumbline {
namespace {

// How tools write a time: d is a digit. Longer ones first.
struct TimeShape {
  std::string_view shape, begins;  // any of these digits
  const char* format;              // of strftime; none: seconds since 1970, then these digits
  std::string_view behind = "";
};
constexpr TimeShape time_shapes[] = {
    {"dddd-dd-dd-dddddd-dddd", "12", "%Y-%m-%d-%H%M%S-0000"},
    {"dddd-dd-dd-dddddd", "12", "%Y-%m-%d-%H%M%S"},
    {"dddd-dd-dd-dddd", "12", "%Y-%m-%d-%H%M"},
    {"dddd-dd-dd", "12", "%Y-%m-%d"},
    {"dddddddd_dddddd", "12", "%Y%m%d_%H%M%S"},
    {"dddddddddddddd", "2", "%Y%m%d%H%M%S"},
    {"ddddddddddddd", "1", nullptr, "000"},
    {"dddddddddddd", "2", "%Y%m%d%H%M"},
    {"dddddddddd", "1", nullptr},
    {"dddddddd", "2", "%Y%m%d"},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool begins_with(std::string_view text, const TimeShape& shape) {
  if (text.size() < shape.shape.size() || shape.begins.find(text[0]) == std::string_view::npos) return false;
  for (std::size_t i = 0; i < shape.shape.size(); ++i) {
    if (shape.shape[i] == 'd' ? !is_digit(text[i]) : text[i] != shape.shape[i]) return false;
  }
  return text.size() == shape.shape.size() || !is_digit(text[shape.shape.size()]);
}

const TimeShape* shape_of(std::string_view text) {
  for (const TimeShape& shape : time_shapes) {
    if (begins_with(text, shape)) return &shape;
  }
  return nullptr;
}

std::size_t digits(std::string_view text, std::size_t from) {
  while (from < text.size() && is_digit(text[from])) ++from;
  return from;
}

// 1, 1.2, and 1_2 where two underscores follow, as Flyway has it.
std::size_t length_of_number(std::string_view text) {
  std::size_t end = digits(text, 0), flyway = end;
  while (end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1])) end = digits(text, end + 1);
  while (flyway + 1 < text.size() && (text[flyway] == '_' || text[flyway] == '.') &&
         is_digit(text[flyway + 1]))
    flyway = digits(text, flyway + 1);
  return text.substr(flyway, 2) == "__" ? flyway : end;
}

std::string written(const TimeShape& shape, std::time_t moment) {
  if (shape.format == nullptr) return std::to_string(moment) + std::string(shape.behind);
  std::tm parts{};
  gmtime_r(&moment, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, shape.format, &parts)};
}

// The last number in it, one more and as wide.
std::string one_more(std::string version) {
  std::size_t place = version.size();
  while (place > 0 && is_digit(version[place - 1])) {
    char& digit = version[--place];
    if (digit != '9') {
      ++digit;
      return version;
    }
    digit = '0';
  }
  return version.insert(place, "1");
}

}  // namespace

SpelledVersion spelled_version(std::string_view file_name) {
  SpelledVersion result;
  if (file_name.size() > 1 && (file_name[0] == 'V' || file_name[0] == 'v') && is_digit(file_name[1])) {
    result.prefix = file_name[0];
    file_name.remove_prefix(1);
  }
  const TimeShape* shape = shape_of(file_name);
  const std::size_t length = shape ? shape->shape.size() : length_of_number(file_name);
  result.version = file_name.substr(0, length);
  if (length < file_name.size()) result.separator = file_name[length];
  return result;
}

VersionSeries::VersionSeries(std::string last, bool is_example, std::time_t now)
    : last_(std::move(last)), first_is_free_(is_example), moment_(now) {}

std::string VersionSeries::next() {
  const TimeShape* shape = shape_of(last_);
  if (shape == nullptr) {
    if (!first_is_free_) last_ = one_more(last_);
    first_is_free_ = false;
    return last_;
  }
  for (; tries_left_ > 0; --tries_left_, ++moment_) {
    std::string version = written(*shape, moment_);
    if (version <= last_) continue;
    last_ = version;
    return version;
  }
  return {};
}

}  // namespace plumbline
