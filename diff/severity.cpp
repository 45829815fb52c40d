#include <array>

#include "diff/finding.h"

namespace plumbline {

namespace {

struct ClassWords {
  Class meaning;
  std::string_view name;
  Severity severity;
};

constexpr auto classes = std::to_array<ClassWords>({
    {Class::security, "security", Severity::critical},
    {Class::breaking, "breaking", Severity::high},
    {Class::data, "data", Severity::high},
    {Class::operational, "operational", Severity::medium},
    {Class::additive, "additive", Severity::low},
    {Class::cosmetic, "cosmetic", Severity::info},
});

constexpr auto severities = std::to_array<std::string_view>({"info", "low", "medium", "high", "critical"});
constexpr auto verbs = std::to_array<std::string_view>({"missing", "unexpected", "changed"});

}  // namespace

std::string_view to_string(Severity severity) { return severities[static_cast<std::size_t>(severity)]; }

std::string_view to_string(Class meaning) { return classes[static_cast<std::size_t>(meaning)].name; }

std::string_view to_string(Difference::Verb verb) { return verbs[static_cast<std::size_t>(verb)]; }

std::optional<Severity> severity_from(std::string_view text) {
  for (std::size_t i = 0; i < severities.size(); ++i) {
    if (severities[i] == text) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

Severity severity_of(Class meaning) { return classes[static_cast<std::size_t>(meaning)].severity; }

}  // namespace plumbline
