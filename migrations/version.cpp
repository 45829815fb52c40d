// How versions are compared: by the tool's own order, and as its ledger may write them.
#include <algorithm>
#include <compare>

#include "migrations/convention.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

int sign(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

int compare_numbers(std::string_view a, std::string_view b) {
  a = without_zeros(a);
  b = without_zeros(b);
  return a.size() != b.size() ? sign(a.size() <=> b.size()) : sign(a <=> b);
}

std::size_t digits_at(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::find_if_not(text, [](char c) { return c >= '0' && c <= '9'; }) - text.begin());
}

// Runs of digits by their value, the rest byte by byte.
int compare_naturally(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const std::size_t digits_a = digits_at(a), digits_b = digits_at(b);
    const bool numbers = digits_a > 0 && digits_b > 0;
    const int order =
        numbers ? compare_numbers(a.substr(0, digits_a), b.substr(0, digits_b)) : sign(a[0] <=> b[0]);
    if (order != 0) return order;
    a.remove_prefix(numbers ? digits_a : 1);
    b.remove_prefix(numbers ? digits_b : 1);
  }
  return sign(a.size() <=> b.size());
}

int compare_dotted(std::string_view a, std::string_view b) {
  const std::vector<std::string> parts_a = split(a, '.'), parts_b = split(b, '.');
  for (std::size_t i = 0; i < std::max(parts_a.size(), parts_b.size()); ++i) {
    const std::string_view part_a = i < parts_a.size() ? std::string_view(parts_a[i]) : "0";
    const std::string_view part_b = i < parts_b.size() ? std::string_view(parts_b[i]) : "0";
    if (const int order = compare_naturally(part_a, part_b)) return order;
  }
  return 0;
}

}  // namespace

std::string_view without_zeros(std::string_view digits) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

bool is_number(std::string_view text) { return !text.empty() && digits_at(text) == text.size(); }

std::string version_key(std::string_view version) {
  std::vector<std::string> parts = split(version, '.');
  for (std::string& part : parts) {
    if (is_number(part)) part = without_zeros(part);
  }
  while (parts.size() > 1 && parts.back() == "0") parts.pop_back();
  return join(parts, ".");
}

int compare_versions(std::string_view order, std::string_view a, std::string_view b) {
  if (order == "text") return sign(a <=> b);
  return order == "dotted" ? compare_dotted(a, b) : compare_naturally(a, b);
}

}  // namespace plumbline
