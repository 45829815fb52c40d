#include "report/formats.h"

#include <algorithm>
#include <ostream>

#include "postgres/text.h"

namespace plumbline {

namespace {

constexpr std::size_t most_of_a_step_summary = 1'000'000;

constexpr std::string_view text_aliases[] = {"txt"}, markdown_aliases[] = {"md"};

constexpr std::string_view text_endings[] = {".txt", ".log"}, markdown_endings[] = {".md", ".markdown"},
                           json_endings[] = {".json"}, html_endings[] = {".html", ".htm"},
                           sarif_endings[] = {".sarif", ".sarif.json"}, junit_endings[] = {".xml"},
                           gitlab_endings[] = {"codequality.json", "code-quality.json",
                                               "code-quality-report.json"},
                           prometheus_endings[] = {".prom"};

constexpr Format known_formats[] = {
    {"text", text_aliases, text_endings, "a terminal or a log",
     [](const Report& report, const RenderOptions& options, std::ostream& out) {
       write_text(report, options.text, out);
     }},
    {"markdown", markdown_aliases, markdown_endings, "a comment on a pull request",
     [](const Report& report, const RenderOptions&, std::ostream& out) { write_markdown(report, {}, out); }},
    {"json",
     {},
     json_endings,
     "programs, and plumbline report",
     [](const Report& report, const RenderOptions&, std::ostream& out) { write_json(report, out); }},
    {"html",
     {},
     html_endings,
     "a page of its own",
     [](const Report& report, const RenderOptions& options, std::ostream& out) {
       write_html(report, options.draw, out);
     }},
    {"sarif",
     {},
     sarif_endings,
     "code scanning",
     [](const Report& report, const RenderOptions&, std::ostream& out) { write_sarif(report, out); }},
    {"junit",
     {},
     junit_endings,
     "what shows test results",
     [](const Report& report, const RenderOptions&, std::ostream& out) { write_junit(report, out); }},
    {"github",
     {},
     {},
     "annotations in the log of a GitHub action",
     [](const Report& report, const RenderOptions& options, std::ostream& out) {
       write_github(report, options.failing, out);
     }},
    {"github-summary",
     {},
     {},
     "the summary of a step of a GitHub action",
     [](const Report& report, const RenderOptions&, std::ostream& out) {
       write_markdown(report, {.most_bytes = most_of_a_step_summary}, out);
     }},
    {"gitlab",
     {},
     gitlab_endings,
     "GitLab's code quality",
     [](const Report& report, const RenderOptions&, std::ostream& out) { write_gitlab(report, out); }},
    {"prometheus",
     {},
     prometheus_endings,
     "Prometheus",
     [](const Report& report, const RenderOptions&, std::ostream& out) { write_prometheus(report, out); }},
};

}  // namespace

std::span<const Format> formats() { return known_formats; }

const Format* find_format(std::string_view name) {
  const auto found = std::ranges::find_if(known_formats, [&](const Format& format) {
    return format.name == name || std::ranges::find(format.aliases, name) != format.aliases.end();
  });
  return found == std::end(known_formats) ? nullptr : &*found;
}

const Format* format_of_file(std::string_view file) {
  const std::string lower = to_lower(file);
  const Format* best = nullptr;
  std::size_t length = 0;
  for (const Format& format : known_formats) {
    for (const std::string_view ending : format.endings) {
      if (lower.size() <= ending.size() || !lower.ends_with(ending) || ending.size() <= length) continue;
      best = &format;
      length = ending.size();
    }
  }
  return best;
}

}  // namespace plumbline
