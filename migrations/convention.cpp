#include "migrations/convention.h"

#include <algorithm>
#include <map>
#include <optional>

#include "migrations/layout.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_zeros(std::string_view digits) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

int sign(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

int compare_numbers(std::string_view a, std::string_view b) {
  a = without_zeros(a);
  b = without_zeros(b);
  return a.size() != b.size() ? sign(a.size() <=> b.size()) : sign(a <=> b);
}

std::size_t digits_at(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
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
  std::size_t named = 0, marked = 0;
  bool controlled = false;
  for (const FileSet::File& file : files.files) {
    if (!convention.control_file.empty() && glob_matches(convention.control_file, file.local))
      controlled = true;
    if (!pattern.match(file.local)) continue;
    ++named;
    if (holds_marker(convention, file.bytes)) ++marked;
  }
  if (controlled && named > 0) return {3, named};
  if (marked > 0) return {3, marked};
  return named > 0 && convention.by_name > 0 ? Evidence{convention.by_name, named} : Evidence{};
}

std::string some_files(const FileSet& files) {
  std::vector<std::string> names;
  for (const FileSet::File& file : files.files) {
    if (names.size() < 3 && file.path.ends_with(".sql")) names.push_back("\"" + file.path + "\"");
  }
  return join(names, ", ");
}

Convention recognise(const FileSet& files) {
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
  if (found.size() == 1) return *found.front();
  if (found.size() > 1) {
    throw Error("\"" + files.directory + "\" looks like " + std::string(found[0]->name) + " and like " +
                    std::string(found[1]->name),
                "Say which one with --convention.");
  }
  const std::string seen = some_files(files);
  if (seen.empty()) {
    throw Error("no migrations in \"" + files.directory + "\"",
                "The directory holds no .sql file; check the path, or \"locations\" and \"exclude\".");
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
    if (std::ranges::none_of(words, [&](const std::string& word) { return trim(word) == value; })) {
      throw Error("\"" + value + "\" is unknown in [migrations.custom]",
                  std::string("Use one of ") + known + ".");
    }
  }
  return {.name = "custom", .example = "file_pattern of plumbline.toml", .layout = custom};
}

// Gathers the files of each version.
class LayoutReader {
 public:
  LayoutReader(const Convention& convention, const FileSet& files)
      : convention_(convention),
        files_(files),
        pattern_(convention.layout.file_pattern),
        up_(convention.layout.up_marker),
        down_(convention.layout.down_marker),
        no_transaction_(convention.layout.no_transaction_marker) {}

  Reading read() {
    std::vector<std::pair<NameMatch, const FileSet::File*>> downs;
    for (const FileSet::File& file : files_.files) {
      const std::optional<NameMatch> match = pattern_.match(file.local);
      if (!match) {
        skip(file);
      } else if (match->down) {
        downs.emplace_back(*match, &file);
      } else {
        add_up(*match, file);
      }
    }
    for (const auto& [match, file] : downs) add_down(match, *file);
    return std::move(reading_);
  }

 private:
  void add_up(const NameMatch& match, const FileSet::File& file) {
    Draft draft;
    draft.migration.version =
        convention_.numeric_version ? std::string(without_zeros(match.version)) : match.version;
    draft.migration.name = match.name;
    std::ranges::replace(draft.migration.name, '_', ' ');
    draft.migration.file = file.path;
    draft.migration.up_bytes = file.bytes;
    draft.migration.transactional =
        convention_.layout.transaction != "none" && !no_transaction_.matches_a_line_of(file.bytes);
    Sections sections = cut_sections(file.bytes, up_, down_);
    if (convention_.sections_required && !sections.found_up) {
      throw Error(files_.shown(file.path) + ":1:1: the file has no line that opens its up section",
                  "A " + std::string(convention_.name) +
                      " migration looks like this: " + std::string(convention_.example));
    }
    draft.up = std::move(sections.up);
    if (sections.found_down) {
      draft.migration.down_file = file.path;
      draft.migration.has_down = true;
      draft.down = std::move(sections.down);
    }
    const std::string key = version_key(draft.migration.version);
    by_key_.emplace(key + "/" + match.name, reading_.drafts.size());  // two files may have one version
    by_key_.emplace(key, reading_.drafts.size());
    reading_.drafts.push_back(std::move(draft));
  }

  void add_down(const NameMatch& match, const FileSet::File& file) {
    const std::string key = version_key(match.version);
    const auto same_name = by_key_.find(key + "/" + match.name);
    const auto at = same_name != by_key_.end() ? same_name : by_key_.find(key);
    if (at == by_key_.end()) {
      reading_.warnings.push_back("\"" + file.path + "\" has no up file and is left out");
      return;
    }
    Draft& draft = reading_.drafts[at->second];
    draft.migration.down_file = file.path;
    draft.migration.has_down = true;
    draft.down = file.bytes;
  }

  // A file that is no migration: a program that is one, or something to mention.
  void skip(const FileSet::File& file) {
    for (const std::string_view ending : {".go", ".java", ".kt", ".js", ".ts", ".py", ".rb", ".rs"}) {
      if (!file.local.ends_with(ending)) continue;
      const std::string as_sql = file.local.substr(0, file.local.size() - ending.size()) + ".sql";
      const std::optional<NameMatch> match = pattern_.match(as_sql);
      if (match && !match->down) reading_.code_versions.push_back(match->version);
      return;
    }
    if (file.local.ends_with(".sql")) {
      reading_.warnings.push_back("\"" + file.path + "\" is no " + std::string(convention_.name) +
                                  " migration and is left out");
    }
  }

  const Convention& convention_;
  const FileSet& files_;
  NamePattern pattern_;
  LinePattern up_, down_, no_transaction_;
  std::map<std::string, std::size_t> by_key_;
  Reading reading_;
};

std::string key_of(const Migration& migration) {
  return (migration.repeatable ? "repeatable " : "") + version_key(migration.version);
}

void refuse_twins(const std::vector<Draft>& drafts) {
  std::map<std::string, const Migration*> seen;
  for (const Draft& draft : drafts) {
    const auto [at, is_new] = seen.emplace(key_of(draft.migration), &draft.migration);
    if (is_new) continue;
    throw Error("two migrations have the version \"" + draft.migration.version + "\": \"" + at->second->file +
                    "\" and \"" + draft.migration.file + "\"",
                "Give one of them another version, leave one out with \"exclude\", or name the tool that "
                "allows this with "
                "--convention.");
  }
}

}  // namespace

std::span<const Convention> all_conventions() {
  static const std::vector<Convention> conventions = [] {
    std::vector<Convention> list{plumbline_convention(), flyway_convention(), drizzle_convention(),
                                 sqitch_convention()};
    for (const auto& more : {sectioned_conventions(), folder_conventions(), numbered_conventions()}) {
      list.insert(list.end(), more.begin(), more.end());
    }
    return list;
  }();
  return conventions;
}

const Convention* find_convention(std::string_view name) {
  const auto all = all_conventions();
  const auto at = std::ranges::find(all, name, &Convention::name);
  return at == all.end() ? nullptr : &*at;
}

std::vector<std::string> convention_names() {
  std::vector<std::string> names;
  for (const Convention& convention : all_conventions()) names.emplace_back(convention.name);
  names.emplace_back("custom");
  return names;
}

Convention choose_convention(const MigrationOptions& options, const FileSet& files) {
  if (options.convention == "custom") return custom_convention(options.custom);
  if (options.convention.empty()) {
    return options.custom.file_pattern.empty() ? recognise(files) : custom_convention(options.custom);
  }
  if (const Convention* convention = find_convention(options.convention)) return *convention;
  throw Error("unknown convention \"" + options.convention + "\"",
              "Known are: " + join(convention_names(), ", ") + ".");
}

std::string version_key(std::string_view version) {
  std::vector<std::string> parts = split(version, '.');
  for (std::string& part : parts) {
    if (!part.empty() && digits_at(part) == part.size()) part = without_zeros(part);
  }
  while (parts.size() > 1 && parts.back() == "0") parts.pop_back();
  return join(parts, ".");
}

int compare_versions(std::string_view order, std::string_view a, std::string_view b) {
  if (order == "text") return sign(a <=> b);
  return order == "dotted" ? compare_dotted(a, b) : compare_naturally(a, b);
}

Reading read_layout(const Convention& convention, const FileSet& files) {
  Reading reading = LayoutReader(convention, files).read();
  if (reading.drafts.empty()) {
    const std::string seen = some_files(files);
    throw Error("no " + std::string(convention.name) + " migrations in \"" + files.directory + "\"",
                "Its files would look like " + std::string(convention.example) +
                    (seen.empty() ? "; there is no .sql file." : "; there are " + seen + "."));
  }
  const std::string& order = convention.layout.order;
  std::ranges::stable_sort(reading.drafts, [&](const Draft& a, const Draft& b) {
    const int versions = compare_versions(order, a.migration.version, b.migration.version);
    return versions != 0 ? versions < 0 : a.migration.file < b.migration.file;
  });
  if (convention.refine != nullptr) convention.refine(reading, files);
  if (!convention.layout.repeats_versions) refuse_twins(reading.drafts);
  return reading;
}

std::string setting_in(std::string_view bytes, std::string_view key) {
  for (const std::string& line : split(bytes, '\n')) {
    const std::string_view text = trim(line);
    if (!text.starts_with(key)) continue;
    std::string_view value = trim(text.substr(key.size()));
    if (!value.starts_with('=') && !value.starts_with(':')) continue;
    value = trim(value.substr(1));
    return std::string(trim(value.substr(0, value.find('#'))));
  }
  return {};
}

}  // namespace plumbline
