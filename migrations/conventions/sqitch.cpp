// Sqitch: sqitch.plan names the changes in order; deploy/ and revert/ hold their scripts, which psql runs as
// they are.
#include <algorithm>
#include <map>

#include "migrations/convention.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

struct PlannedChange {
  std::string name;
  std::string script;   // the name, or name@tag for one that was reworked later
  std::string version;  // the name; name#2 for its second coming
};

// A line is %pragma=value, @tag ..., or "name [dependencies] date planner # note".
std::vector<PlannedChange> read_plan(std::string_view plan) {
  std::vector<PlannedChange> changes;
  std::map<std::string, std::size_t> last;  // name -> place of its newest instance
  std::vector<std::string> tags;            // tag that follows each change first
  for (const std::string& raw : split(plan, '\n')) {
    const std::string_view line = trim(raw);
    if (line.empty() || line.starts_with('%') || line.starts_with('#')) continue;
    const std::string word(line.substr(0, line.find_first_of(" \t")));
    if (word.starts_with('@')) {
      for (auto tag = tags.rbegin(); tag != tags.rend() && tag->empty(); ++tag) *tag = word;
      continue;
    }
    PlannedChange change{word, word, word};
    if (const auto at = last.find(word); at != last.end()) {
      changes[at->second].script = word + tags[at->second];
      const auto before = std::ranges::count(changes, word, &PlannedChange::name);
      change.version += "#" + std::to_string(before + 1);
    }
    last[word] = changes.size();
    changes.push_back(std::move(change));
    tags.emplace_back();
  }
  return changes;
}

void refine_sqitch(Reading& reading, const FileSet& files) {
  const FileSet::File* plan = files.find("sqitch.plan");
  if (plan == nullptr) {
    throw Error("there is no \"sqitch.plan\" in \"" + files.directory + "\"",
                "Name the directory that holds the plan and the folder deploy.");
  }
  std::map<std::string, Draft> drafts;
  for (Draft& draft : reading.drafts) drafts.emplace(draft.migration.version, std::move(draft));
  reading.drafts.clear();
  for (const PlannedChange& change : read_plan(plan->bytes)) {
    const auto at = drafts.find(change.script);
    if (at == drafts.end()) {
      throw Error("the change \"" + change.name + "\" of sqitch.plan has no file \"deploy/" + change.script +
                      ".sql\"",
                  "Restore the file, or take the change out of the plan.");
    }
    Draft draft = std::move(at->second);
    drafts.erase(at);
    draft.migration.version = change.version;
    draft.migration.name = change.name;
    reading.drafts.push_back(std::move(draft));
  }
  for (const auto& [script, draft] : drafts) {
    reading.set_aside.push_back(
        {draft.migration.file, OtherFile::Role::not_understood, "not in sqitch.plan"});
  }
}

}  // namespace

Convention sqitch_convention() {
  return {
      .name = "sqitch",
      .example = "sqitch.plan and deploy/name.sql",
      .layout = {.file_pattern = R"((?<direction>deploy|revert)/(?<version>.*)\.sql)", .transaction = "none"},
      .control_file = "sqitch.plan",
      .refine = refine_sqitch,
      .parts = "sqitch.plan|verify/*",
      .scope = "deploy/*|revert/*",
      .ledgers =
          {{.table = "sqitch.changes",
            .columns = "change_id,change,committed_at",
            .sql = "SELECT change || CASE WHEN n > 1 THEN '#' || n ELSE '' END, 'applied' FROM (SELECT "
                   "change, committed_at, row_number() OVER (PARTITION BY change ORDER BY committed_at) n "
                   "FROM {table}) c ORDER BY committed_at",
            .own = "sqitch.*",
            .marking = {.command = "sqitch deploy --log-only --to-change {version}", .all_before = true}}},
      .next = {.first_version = "", .made_by = "sqitch add NAME"}};
}

}  // namespace plumbline
