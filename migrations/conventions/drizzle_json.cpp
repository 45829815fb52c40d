// Drizzle: NNNN_name.sql in the order of meta/_journal.json; the ledger remembers the journal's "when".
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "migrations/convention.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

constexpr std::string_view journal_path = "meta/_journal.json";
constexpr std::string_view breakpoint = "--> statement-breakpoint";

struct JournalEntry {
  std::string tag, when;
};

std::vector<JournalEntry> read_journal(const FileSet& files) {
  const auto journal = std::ranges::find(files.files, journal_path, &FileSet::File::local);
  if (journal == files.files.end()) {
    throw Error("there is no \"" + std::string(journal_path) + "\" in \"" + files.directory + "\"",
                "Name the directory that holds drizzle's .sql files and its folder meta.");
  }
  try {
    const nlohmann::json document = nlohmann::json::parse(journal->bytes);
    std::vector<JournalEntry> entries;
    for (const auto& entry : document.at("entries")) {
      entries.push_back({entry.at("tag").get<std::string>(), entry.at("when").dump()});
    }
    return entries;
  } catch (const nlohmann::json::exception& e) {
    throw Error("\"" + files.shown(journal->path) + "\" is no drizzle journal: " + e.what(),
                "Restore the file from version control.");
  }
}

std::string sha256_of_sql(const Migration& migration) { return sha256_hex(migration.up_bytes); }

// Drizzle cuts its files at breakpoints; the statement before one often has no semicolon.
void end_statements(std::string& sql) {
  for (std::size_t at = sql.find(breakpoint); at != std::string::npos; at = sql.find(breakpoint, at)) {
    sql[at] = ';';
    std::fill_n(sql.begin() + static_cast<std::ptrdiff_t>(at) + 1, breakpoint.size() - 1, ' ');
  }
}

void refine_drizzle(Reading& reading, const FileSet& files) {
  std::map<std::string, Draft> drafts;
  for (Draft& draft : reading.drafts) drafts.emplace(draft.migration.version, std::move(draft));
  reading.drafts.clear();
  for (const JournalEntry& entry : read_journal(files)) {
    const auto at = drafts.find(entry.tag);
    if (at == drafts.end()) {
      throw Error("the journal \"" + files.shown(journal_path) + "\" names \"" + entry.tag +
                      "\", which has no .sql file",
                  "Restore \"" + entry.tag + ".sql\", or take its entry out of the journal.");
    }
    Draft draft = std::move(at->second);
    drafts.erase(at);
    draft.migration.version = entry.when;
    end_statements(draft.up);
    reading.drafts.push_back(std::move(draft));
  }
  for (const auto& [tag, draft] : drafts) {
    reading.set_aside.push_back(
        {draft.migration.file, OtherFile::Role::not_understood, "not in " + std::string(journal_path)});
  }
}

}  // namespace

Convention drizzle_convention() {
  return {
      .name = "drizzle",
      .example = "0000_name.sql and meta/_journal.json",
      .layout = {.file_pattern = R"((?<version>\d+_(?<name>[^/]*))\.sql)"},
      .control_file = journal_path,
      .refine = refine_drizzle,
      .parts = "meta/*",
      .ledgers = {{.table = "__drizzle_migrations",
                   .columns = "hash,created_at",
                   .sql = "SELECT created_at::text, 'applied', hash FROM {table} ORDER BY created_at",
                   .own = "drizzle.*",
                   .checksum = sha256_of_sql,
                   .checksum_identifies = true,
                   .marking = {.sql = "INSERT INTO {table} (hash, created_at) VALUES ({checksum}, {version})",
                               .undo = "DELETE FROM {table} WHERE created_at = {version}",
                               .all_before = true}}},
      .next = {.first_version = "", .made_by = "drizzle-kit generate --custom --name NAME"}};
}

}  // namespace plumbline
