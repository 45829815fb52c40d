// Which convention a directory follows: by name, or by what its files show.
#include <algorithm>

#include "migrations/convention.h"
#include "migrations/layout.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

// How well a convention explains a directory.
struct Evidence {
  int strength = 0;  // 3: a control file or marker, 1 and 2: names
  std::size_t files = 0;
  auto operator<=>(const Evidence&) const = default;
};

bool holds_marker(const Convention& convention, std::string_view bytes) {
  if (convention.markers.empty()) return false;
  return std::ranges::any_of(split(convention.markers, '|'), [&](const std::string& marker) {
    return bytes.find(marker) != std::string_view::npos;
  });
}

Evidence evidence_for(const Convention& convention, const FileSet& files) {
  const NamePattern pattern(convention.layout.file_pattern);
  const NamePattern own(convention.own_names.empty() ? convention.layout.file_pattern
                                                     : std::string(convention.own_names));
  std::size_t named = 0, own_named = 0, marked = 0;
  bool controlled = false;
  for (const FileSet::File& file : files.files) {
    if (!convention.control_file.empty() && glob_matches(convention.control_file, file.local))
      controlled = true;
    if (!pattern.match(file.local)) continue;
    ++named;
    if (convention.own_names.empty() || own.match(file.local)) ++own_named;
    if (holds_marker(convention, file.bytes)) ++marked;
  }
  if (controlled && named > 0) return {3, named};
  if (marked > 0) return {3, marked};
  return own_named > 0 && convention.by_name > 0 ? Evidence{convention.by_name, named} : Evidence{};
}

// The conventions that explain a directory best: one, several that do so equally well, or none.
std::vector<const Convention*> best_fits(const FileSet& files) {
  Evidence best;
  std::vector<const Convention*> found;
  for (const Convention& convention : all_conventions()) {
    const Evidence evidence = evidence_for(convention, files);
    if (evidence > best) found.clear();
    if (evidence >= best && evidence.strength > 0) {
      best = evidence;
      found.push_back(&convention);
    }
  }
  return found;
}

Convention recognise(const FileSet& files) {
  const std::vector<const Convention*> found = best_fits(files);
  if (found.size() == 1) return *found.front();
  if (found.size() > 1) {
    throw Error("\"" + files.directory + "\" looks like " + std::string(found[0]->name) + " and like " +
                    std::string(found[1]->name),
                "Say which one with --convention.");
  }
  const std::string seen = files.examples();
  if (seen.empty()) {
    throw Error(
        "no migrations in \"" + files.directory + "\"",
        "The directory holds no .sql file; check the path, or \"locations\" and \"exclude\". \"plumbline new "
        "NAME\" makes a first migration.");
  }
  throw Error("the files in \"" + files.directory + "\" follow no convention that is known: " + seen,
              "Name one with --convention (" + join(convention_names(), ", ") +
                  "), or describe it under [migrations.custom] in plumbline.toml.");
}

Convention custom_convention(const CustomConvention& custom) {
  if (custom.file_pattern.empty()) {
    throw Error(
        "the custom convention has no file_pattern",
        "Set file_pattern under [migrations.custom] in plumbline.toml; docs/conventions.md has examples.");
  }
  for (const auto& [value, known] :
       {std::pair{custom.order, "number, text, dotted"}, std::pair{custom.transaction, "file, none"}}) {
    const std::vector<std::string> words = split(known, ',');
    if (std::ranges::none_of(words,
                             [&text = value](const std::string& word) { return trim(word) == text; })) {
      throw Error("\"" + value + "\" is unknown in [migrations.custom]",
                  std::string("Use one of ") + known + ".");
    }
  }
  return {.name = "custom", .example = "file_pattern of plumbline.toml", .layout = custom};
}

}  // namespace

Convention choose_convention(const MigrationOptions& options, const FileSet& files) {
  if (options.convention == "custom") return custom_convention(options.custom);
  if (options.convention.empty()) {
    return options.custom.file_pattern.empty() ? recognise(files) : custom_convention(options.custom);
  }
  if (const Convention* convention = find_convention(options.convention)) return *convention;
  throw Error("unknown convention \"" + options.convention + "\"",
              "Known are: " + join(convention_names(), ", ") + ".");
}

std::vector<std::string> fitting_conventions(const MigrationOptions& options, const FileSet& files) {
  std::vector<std::string> names;
  if (options.convention.empty() && options.custom.file_pattern.empty()) {
    for (const Convention* convention : best_fits(files)) names.emplace_back(convention->name);
    return names;
  }
  const Convention convention = choose_convention(options, files);
  const NamePattern pattern(convention.layout.file_pattern);
  const auto fits = [&](const FileSet::File& file) { return pattern.match(file.local).has_value(); };
  if (std::ranges::any_of(files.files, fits)) names.emplace_back(convention.name);
  return names;
}

}  // namespace plumbline
