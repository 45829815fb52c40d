#include "cli/repair.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "cli/log.h"
#include "cli/options.h"
#include "cli/question.h"
#include "cli/suggest.h"
#include "diff/acceptance.h"
#include "postgres/connection.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/capture.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

std::set<Hazard> allowed_hazards(const CatchUpSettings& asked) {
  std::set<Hazard> allowed;
  for (const std::string& name : asked.allowed_hazards) {
    const auto hazard = hazard_from(name);
    if (!hazard) {
      const std::string near = did_you_mean(name, hazard_names());
      throw UsageError(
          "there is no hazard \"" + name + "\"",
          near.empty() ? "Use names of: " + join(hazard_names(), ", ") + "." : "Did you mean " + near + "?");
    }
    allowed.insert(*hazard);
  }
  if (!asked.offline) return allowed;
  for (const std::string& name : hazard_names()) {
    const Hazard hazard = *hazard_from(name);
    if (hazard != Hazard::deletes_data && hazard != Hazard::fails_on_rows) allowed.insert(hazard);
  }
  return allowed;
}

std::vector<RenameWish> renames(const CatchUpSettings& asked) {
  std::vector<RenameWish> wishes;
  for (const std::string& text : asked.renames) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == text.npos || equals + 1 == text.size())
      throw UsageError("\"" + text + "\" is no rename",
                       "Write it as OLD=NEW, like --rename public.users.mail=public.users.email.");
    wishes.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return wishes;
}

std::map<std::string, std::string> using_expressions(const CatchUpSettings& asked) {
  std::map<std::string, std::string> expressions;
  for (const std::string& text : asked.using_expressions) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == text.npos || equals + 1 == text.size())
      throw UsageError(
          "\"" + text + "\" gives no expression for a column",
          "Write it as COLUMN=EXPRESSION, like --using \"public.t.tags=string_to_array(tags, ',')\".");
    expressions[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return expressions;
}

ObjectId object_of(const Finding& finding, SymbolTable& symbols) {
  return {find_kind(finding.kind), symbols.intern(finding.schema), symbols.intern(finding.parent),
          symbols.intern(finding.name)};
}

// All that the finding tells, both objects of a rename too.
std::vector<ObjectId> objects_of(const Finding& finding, const Nameable& among) {
  std::vector<ObjectId> ids;
  for (const Difference& told : told_by({&finding, 1}, among.actual, among.expected, among.differences))
    ids.push_back(told.id);
  return ids;
}

void add_folded_in(const std::string& name, const Nameable& among, std::vector<ObjectId>& found) {
  for (const Difference& difference : among.differences) {
    for (const Finding& alone : findings(among.actual, among.expected, {&difference, 1})) {
      if (alone.id == name || alone.object() == name) found.push_back(difference.id);
    }
  }
}

std::vector<ObjectId> findings_named(const std::vector<std::string>& names, const Nameable& among) {
  std::vector<ObjectId> result;
  for (const std::string& name : names) {
    const std::size_t before = result.size();
    for (const Finding& finding : among.findings) {
      if (finding.id != name && finding.object() != name) continue;
      for (const ObjectId& id : objects_of(finding, among)) result.push_back(id);
    }
    if (result.size() == before) add_folded_in(name, among, result);
    if (result.size() > before) continue;
    std::vector<std::string> known;
    for (const Finding& finding : among.findings) {
      known.push_back(finding.object());
      known.push_back(finding.id);
    }
    const std::string near = did_you_mean(name, known);
    throw UsageError("there is no finding \"" + name + "\"",
                     near.empty() ? "Write its id, or the name of its object, as the report does."
                                  : "Did you mean \"" + near + "\"?");
  }
  return result;
}

class Asking {
 public:
  explicit Asking(std::string conninfo) : conninfo_(std::move(conninfo)) {}

  std::optional<std::string> ask(const std::string& sql) {
    try {
      if (!connection_) connection_ = connect({.conninfo = conninfo_});
      connection_->execute(
          "BEGIN READ ONLY; " + pinned_settings() +
          "; SET LOCAL row_security = off; SET LOCAL lock_timeout = '1s'; SET LOCAL "
          "statement_timeout = '10s'; SELECT pg_catalog.set_config(name, 'view, foreign-table',"
          " true) FROM pg_catalog.pg_settings WHERE name = 'restrict_nonsystem_relation_kind'");
      std::optional<std::string> answer = connection_->value(sql);
      connection_->execute("ROLLBACK");
      return answer;
    } catch (const Error& error) {
      log::detail("live does not answer: " + error.message() + ", to: " + sql);
      end();
      return std::nullopt;
    }
  }

 private:
  void end() {
    try {
      if (connection_ && connection_->in_transaction()) connection_->execute("ROLLBACK");
    } catch (const Error&) {
      connection_.reset();
    }
  }

  std::string conninfo_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

void check_repair_flags(const CatchUpSettings& asked) {
  allowed_hazards(asked);
  renames(asked);
  using_expressions(asked);
}

std::map<ObjectId, std::string> not_to_be_adopted(const Settings& settings, const Nameable& among,
                                                  SymbolTable& symbols) {
  std::vector<ObjectId> named = findings_named(settings.catch_up.accept, among);
  for (const ObjectId& id : findings_named(settings.catch_up.only, among)) named.push_back(id);
  std::vector<std::string> ids;
  for (const Finding& finding : among.findings) {
    const auto is_named = [&](const ObjectId& id) { return std::ranges::find(named, id) != named.end(); };
    if (!named.empty() && std::ranges::any_of(objects_of(finding, among), is_named))
      ids.push_back(finding.id);
  }
  std::map<ObjectId, std::string> refused;
  for (const Finding* finding : split_for_adoption(among.findings, ids).to_be_named)
    refused[object_of(*finding, symbols)] =
        "it is of class security, so it has to be named: --accept " + finding->id;
  return refused;
}

CatchUpOptions repair_options(const Settings& settings, const Nameable& among) {
  const CatchUpSettings& asked = settings.catch_up;
  CatchUpOptions options;
  options.allowed = allowed_hazards(asked);
  options.renames = renames(asked);
  options.no_renames = asked.no_renames;
  options.only = findings_named(asked.only, among);
  options.except = findings_named(asked.except, among);
  options.using_expressions = using_expressions(asked);
  options.unproven = settings.unproven;
  return options;
}

AskLive asker(const std::string& conninfo) {
  const auto asking = std::make_shared<Asking>(conninfo);
  return [asking](const std::string& sql) { return asking->ask(sql); };
}

namespace {

// Whether there was an answer to any of them.
bool ask_about(const std::vector<OpenRename>& open, CatchUpOptions& options) {
  std::set<std::string> settled;
  for (const OpenRename& one : open) {
    if (settled.contains(one.from) || settled.contains(one.to)) continue;
    const std::string answer = answer_to(one.why +
                                         ". Rename it? y: yes, its rows stay; n: no, they are two; "
                                         "Enter: leave it as it is: ");
    if (answer == "y" || answer == "yes") {
      options.renames.push_back({one.from, one.to});
      settled.insert({one.from, one.to});
      log::info("taken as --rename " + shell_word(one.from + "=" + one.to));
    } else if (answer == "n" || answer == "no") {
      options.no_renames.push_back(one.to);
      settled.insert(one.to);
      log::info("taken as --no-rename " + shell_word(one.to));
    }
  }
  return !settled.empty();
}

}  // namespace

CatchUp catch_up_asking(const Goal& goal, CatchUpOptions options, const Settings& settings) {
  CatchUp found = catch_up(goal, options);
  if (found.open_renames.empty() || settings.quiet || settings.catch_up.yes || !can_ask()) return found;
  return ask_about(found.open_renames, options) ? catch_up(goal, options) : std::move(found);
}

void refuse_unproven(const CatchUp& found, const Settings& settings) {
  if (found.problems.empty()) return;
  const std::string text = "the SQL is not proven: " + join(found.problems, "; ");
  if (settings.unproven) return log::warning(text);
  if (settings.catch_up.apply)
    throw Error(text, "Nothing was run. See it with --unproven instead of --apply.");
  throw Error(text,
              "Nothing was printed. Say --unproven to see it all the same, and read it before you run it.");
}

int tell_what_is_left(const CatchUp& found) {
  for (const std::string& note : found.notes) log::info(note);
  for (const LeftUnit& left : found.left) {
    if (!left.chosen) continue;
    std::vector<std::string> names;
    for (const Hazard hazard : left.hazards) names.emplace_back(to_string(hazard));
    log::warning(
        "not repaired: " + describe(left.findings.front()) +
        (left.findings.size() > 1 ? " and " + std::to_string(left.findings.size() - 1) + " more" : "") +
        ": " + left.why +
        (names.empty() ? std::string() : "; --allow-hazards " + join(names, ",") + " repairs it"));
  }
  for (const Refusal& refusal : found.down.refusals) log::warning("no way back: " + refusal.why);
  return found.leaves_something_asked_for() ? 2 : 0;
}

}  // namespace plumbline
