#include "migrations/convention.h"

#include <algorithm>
#include <map>
#include <optional>

#include "migrations/account.h"
#include "migrations/layout.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

// Gathers the files of each version.
class LayoutReader {
 public:
  LayoutReader(const Convention& convention, const FileSet& files,
               const std::map<std::string, std::string>& stand_ins)
      : convention_(convention),
        files_(files),
        stand_ins_(stand_ins),
        pattern_(convention.layout.file_pattern),
        up_(convention.layout.up_marker),
        down_(convention.layout.down_marker),
        no_transaction_(convention.layout.no_transaction_marker) {}

  Reading read() {
    std::vector<std::pair<NameMatch, const FileSet::File*>> downs;
    check_stand_ins();
    for (const FileSet::File& file : files_.files) {
      if (is_stand_in(file)) continue;
      const std::optional<NameMatch> match = pattern_.match(file.local);
      if (!match) {
        take_program(file);
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
  bool is_stand_in(const FileSet::File& file) const {
    return std::ranges::any_of(stand_ins_, [&](const auto& each) { return each.second == file.path; });
  }

  void check_stand_ins() const {
    for (const auto& [program, sql] : stand_ins_) {
      for (const std::string& path : {program, sql}) {
        if (files_.find(path) != nullptr) continue;
        throw Error("stand_ins names \"" + path + "\", which is no file of \"" + files_.directory + "\"",
                    "Both are paths below the migrations directory: [migrations.stand_ins] \"3_x.go\" = "
                    "\"stand_ins/3_x.sql\"");
      }
    }
  }

  void add_up(const NameMatch& match, const FileSet::File& file, const std::string& stands_in_for = {}) {
    Draft draft;
    draft.migration.stands_in_for = stands_in_for;
    draft.migration.version =
        convention_.numeric_version ? std::string(without_zeros(match.version)) : match.version;
    draft.migration.name = match.name;
    std::ranges::replace(draft.migration.name, '_', ' ');
    draft.migration.file = file.path;
    draft.migration.up_bytes = file.bytes;
    draft.migration.transactional =
        convention_.layout.transaction != "none" && !no_transaction_.matches_a_line_of(file.bytes);
    Sections sections = cut_sections(file.bytes, up_, down_);
    draft.migration.has_sections = sections.found_up;
    if (convention_.sections_required && !sections.found_up && stands_in_for.empty()) {
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
      reading_.set_aside.push_back({file.path, OtherFile::Role::harmless, "it has no up file"});
      if (std::ranges::none_of(reading_.code_versions,
                               [&](const std::string& code) { return version_key(code) == key; }))
        reading_.warnings.push_back("\"" + file.path + "\" has no up file and is left out");
      return;
    }
    Draft& draft = reading_.drafts[at->second];
    draft.migration.down_file = file.path;
    draft.migration.has_down = true;
    draft.down = file.bytes;
  }

  // A program that is a migration: it is known, and an SQL file may stand in for it.
  void take_program(const FileSet::File& file) {
    const std::optional<NameMatch> match = match_program(pattern_, file.local);
    if (!match || match->down) return;
    const auto stand_in = stand_ins_.find(file.path);
    if (stand_in == stand_ins_.end()) return reading_.code_versions.push_back(match->version);
    add_up(*match, *files_.find(stand_in->second), file.path);
  }

  const Convention& convention_;
  const FileSet& files_;
  const std::map<std::string, std::string>& stand_ins_;
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

Reading read_layout(const Convention& convention, const FileSet& files,
                    const std::map<std::string, std::string>& stand_ins) {
  Reading reading = LayoutReader(convention, files, stand_ins).read();
  if (reading.drafts.empty()) {
    const std::string seen = files.examples();
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
