// Flyway: V (versioned), U (undo), R (repeatable) and B (baseline) migrations, in any folder below the
// locations.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>

#include "migrations/convention.h"
#include "migrations/scan.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

std::uint32_t crc32(std::uint32_t crc, std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> entries{};
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
      entries[i] = value;
    }
    return entries;
  }();
  for (const char c : bytes) crc = (crc >> 8U) ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xFFU];
  return crc;
}

// Flyway's checksum: CRC-32 over the lines without their ends, as a signed number.
std::string line_checksum(const Migration& migration) {
  std::string_view rest = migration.up_bytes;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  std::uint32_t crc = 0xFFFFFFFFU;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    crc = crc32(crc, rest.substr(0, end));
    rest.remove_prefix(std::min(end + (rest.substr(end, 2) == "\r\n" ? 2 : 1), rest.size()));
  }
  return std::to_string(static_cast<std::int32_t>(crc ^ 0xFFFFFFFFU));
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Flyway runs a script outside a transaction when its .conf says so, or when a statement in it refuses one.
void set_transaction(Draft& draft, const FileSet& files) {
  const FileSet::File* conf = files.find(draft.migration.file + ".conf");
  if (conf != nullptr && to_lower(setting_in(conf->bytes, "executeInTransaction")) == "false") {
    draft.migration.transactional = false;
  }
}

void split_kinds(std::vector<Draft>& all, std::vector<Draft>& repeatable, std::map<std::string, Draft>& undo,
                 std::vector<Draft>& baselines) {
  std::vector<Draft> versioned;
  for (Draft& draft : all) {
    std::string& version = draft.migration.version;
    const char kind = version[0];
    version.erase(0, 1);
    std::ranges::replace(version, '_', '.');
    if (kind == 'R') {
      draft.migration.repeatable = true;
      version = draft.migration.name;
      repeatable.push_back(std::move(draft));
    } else if (kind == 'U') {
      undo.emplace(version_key(version), std::move(draft));
    } else {
      (kind == 'B' ? baselines : versioned).push_back(std::move(draft));
    }
  }
  all = std::move(versioned);
}

// A baseline stands for the versions up to its own where their files are gone; where they are there, they do.
void add_baseline(std::vector<Draft>& versioned, std::vector<Draft>& baselines,
                  std::vector<OtherFile>& set_aside) {
  for (Draft& baseline : baselines) {
    const auto covered = [&](const Draft& draft) {
      return compare_versions("dotted", draft.migration.version, baseline.migration.version) <= 0;
    };
    if (std::ranges::any_of(versioned, covered)) {
      set_aside.push_back(
          {baseline.migration.file, OtherFile::Role::part, "the versions that it sums up are here"});
      continue;
    }
    baseline.migration.type = "baseline";
    versioned.push_back(std::move(baseline));
  }
}

void refine_flyway(Reading& reading, const FileSet& files) {
  std::vector<Draft> repeatable, baselines;
  std::map<std::string, Draft> undo;
  split_kinds(reading.drafts, repeatable, undo, baselines);
  std::ranges::sort(baselines, [](const Draft& a, const Draft& b) {
    return compare_versions("dotted", a.migration.version, b.migration.version) > 0;
  });
  add_baseline(reading.drafts, baselines, reading.set_aside);
  std::ranges::stable_sort(reading.drafts, [](const Draft& a, const Draft& b) {
    return compare_versions("dotted", a.migration.version, b.migration.version) < 0;
  });
  std::ranges::stable_sort(repeatable, {}, [](const Draft& draft) { return draft.migration.name; });
  for (Draft& draft : reading.drafts) {
    const auto at = undo.find(version_key(draft.migration.version));
    if (at == undo.end()) continue;
    draft.migration.down_file = at->second.migration.file;
    draft.migration.has_down = true;
    draft.down = std::move(at->second.up);
    undo.erase(at);
  }
  for (const auto& [version, draft] : undo) {
    reading.set_aside.push_back({draft.migration.file, OtherFile::Role::harmless, "it has no up file"});
    reading.warnings.push_back("\"" + draft.migration.file + "\" has no up file and is left out");
  }
  for (Draft& draft : repeatable) reading.drafts.push_back(std::move(draft));
  for (Draft& draft : reading.drafts) set_transaction(draft, files);
  for (std::string& version : reading.code_versions) {
    version.erase(0, 1);
    std::ranges::replace(version, '_', '.');
  }
  for (const FileSet::File& file : files.files) {
    const std::string name = file_name(file.path);
    const bool is_callback =
        name.starts_with("before") || name.starts_with("after") || name.starts_with("createSchema");
    if (!name.ends_with(".sql") || !is_callback) continue;
    reading.set_aside.push_back({file.path, OtherFile::Role::harmless, "a callback, which is not run"});
    reading.warnings.push_back("the callback \"" + file.path + "\" is not run");
  }
}

// As MetaDataTable.addAppliedMigration does: the next rank, and a number as checksum.
constexpr Marking flyway_row{
    .sql =
        "INSERT INTO {table} (installed_rank, version, description, type, script, checksum, installed_by, "
        "execution_time, success) SELECT coalesce(max(installed_rank), 0) + 1, {version}, {description}, "
        "'SQL', "
        "{path}, {checksum}, current_user, 0, true FROM {table}",
    .undo = "DELETE FROM {table} WHERE version = {version}"};

}  // namespace

Convention flyway_convention() {
  return {
      .name = "flyway",
      .example = "V1__name.sql",
      .layout = {.file_pattern = R"((?:.*/)?(?<version>R(?=__)|[VUB]\d+(?:[._]\d+)*)__(?<name>[^/]*)\.sql)",
                 .order = "dotted"},
      .by_name = 2,
      .refine = refine_flyway,
      .parts = "*.sql.conf",
      // A row of type DELETE takes back the row of its version; a baseline row covers everything up to it.
      .ledgers =
          {{.table = "flyway_schema_history",
            .columns = "installed_rank,version,description,type,script,checksum,success",
            .sql = "SELECT coalesce(version, 'repeatable ' || description), CASE WHEN type = 'SCHEMA' THEN "
                   "'ignored' WHEN NOT success THEN 'failed' WHEN type LIKE 'UNDO%' OR type = 'DELETE' "
                   "THEN 'rolled_back' WHEN type IN ('BASELINE', 'SQL_BASELINE') THEN 'baseline' ELSE "
                   "'applied' END, checksum::text FROM {table} ORDER BY installed_rank",
            .checksum = line_checksum,
            .marking = flyway_row},
           {.table = "schema_version",
            .columns = "installed_rank,version,description,type,script,checksum,success",
            .sql = "SELECT coalesce(version, 'repeatable ' || description), CASE WHEN NOT success THEN "
                   "'failed' WHEN type = 'BASELINE' THEN 'baseline' ELSE 'applied' END, checksum::text "
                   "FROM {table} ORDER BY installed_rank",
            .checksum = line_checksum,
            .marking = flyway_row},
           {.table = "refinery_schema_history",
            .columns = "version,name,applied_on,checksum",
            .sql = "SELECT version::text, 'applied' FROM {table} ORDER BY version"}},
      .next = {.first_version = "1", .files = {{"V{version}__{name}.sql", "{about}{up}"}}}};
}

}  // namespace plumbline
