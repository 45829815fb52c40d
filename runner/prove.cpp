#include "runner/prove.h"

#include <algorithm>
#include <array>

#include "diff/compare.h"
#include "diff/finding.h"
#include "postgres/error.h"
#include "runner/plan.h"
#include "runner/sections.h"
#include "snapshot/capture.h"

namespace plumbline {
namespace {

constexpr std::string_view history_database = "history", trial_database = "trial";

std::string left(const Finding& finding) {
  std::string text = finding.label + " " + finding.object();
  switch (finding.verb) {
    case Difference::Verb::missing:
      return text + " is lost";
    case Difference::Verb::unexpected:
      return text + " is left behind";
    default:
      break;
  }
  text += " differs in ";
  for (std::size_t i = 0; i < finding.changes.size(); ++i) {
    text += (i == 0 ? "" : ", ") + finding.changes[i].attribute;
  }
  return text;
}

class Prover {
 public:
  Prover(const MigrationDirectory& directory, const ProveOptions& options)
      : directory_(directory),
        downs_(down_sections(directory)),
        options_(options),
        shadow_(start_shadow(options.expected.shadow)) {
    shadow_->create_database(history_database);
  }

  std::vector<DownProof> run() {
    std::vector<DownProof> proofs;
    const std::size_t count = directory_.migrations.size();
    const std::size_t end = options_.places.empty() ? count : options_.places.back() + 1;
    apply(history_database, directory_, {}, true);
    for (std::size_t i = 0; i < end; ++i) {
      if (options_.expected.replay.progress)
        options_.expected.replay.progress(directory_.migrations[i].file, i, end);
      if (is_wanted(i)) {
        proofs.push_back(prove(i));
        if (options_.each) options_.each(proofs.back());
      } else {
        after_.reset();
      }
      apply(history_database, directory_, {i});
    }
    return proofs;
  }

 private:
  bool is_wanted(std::size_t place) const {
    return options_.places.empty() || std::ranges::find(options_.places, place) != options_.places.end();
  }

  void apply(std::string_view database, const MigrationDirectory& directory, std::vector<std::size_t> places,
             bool with_prelude = false) {
    ReplayOptions options = options_.expected.replay;
    options.attribute = false;
    options.progress = {};
    if (!with_prelude) options.prelude.clear();
    replay(*shadow_, database, {directory, places}, symbols_, options);
  }

  Snapshot read(std::string_view database) {
    const std::unique_ptr<Connection> connection = shadow_->connect(database);
    const ReadTransaction transaction(*connection);
    CaptureOptions options;
    options.throw_away = true;
    return capture(*connection, symbols_, options);
  }

  DownProof prove(std::size_t place) {
    const Migration& migration = directory_.migrations[place];
    DownProof proof;
    proof.place = place;
    proof.version = migration.version;
    proof.file = migration.has_down ? migration.down_file : migration.file;
    if (const auto reason = irreversible_reason(migration)) {
      proof.verdict = DownProof::Verdict::irreversible;
      proof.message = *reason;
    } else if (!migration.has_down) {
      proof.verdict = DownProof::Verdict::no_down;
    } else {
      try_it(proof);
      return proof;
    }
    after_.reset();
    return proof;
  }

  void try_it(DownProof& proof) {
    const Snapshot before = after_ ? std::move(*after_) : read(history_database);
    shadow_->create_database(trial_database, history_database);
    apply(trial_database, directory_, {proof.place});
    after_ = read(trial_database);
    judge(proof, before, *after_);
    shadow_->drop_database(trial_database);
  }

  void judge(DownProof& proof, const Snapshot& before, const Snapshot& after) {
    using Verdict = DownProof::Verdict;
    const bool changes = !compare(after, before).empty();
    if (directory_.migrations[proof.place].down.empty()) {
      proof.verdict = changes ? Verdict::empty : Verdict::keeps_schema;
      return;
    }
    if (!attempt(proof, downs_, Verdict::fails)) return;
    note_changes(proof, read(trial_database), before, Verdict::unfaithful);
    const Verdict first = proof.verdict;
    DownProof again = proof;
    again.verdict = Verdict::faithful;
    if (attempt(again, directory_, Verdict::up_fails))
      note_changes(again, read(trial_database), after, Verdict::up_differs);
    if (first == Verdict::faithful) proof = again;
    if (proof.verdict == Verdict::faithful && !changes) proof.verdict = Verdict::keeps_schema;
  }

  bool attempt(DownProof& proof, const MigrationDirectory& directory, DownProof::Verdict verdict) {
    try {
      apply(trial_database, directory, {proof.place});
      return true;
    } catch (const Error& error) {
      proof.verdict = verdict;
      proof.message = error.message();
      return false;
    }
  }

  void note_changes(DownProof& proof, const Snapshot& actual, const Snapshot& expected,
                    DownProof::Verdict verdict) {
    const std::vector<Difference> differences = compare(actual, expected);
    if (differences.empty()) return;
    proof.verdict = verdict;
    for (const Finding& finding : findings(actual, expected, differences))
      proof.changes.push_back(left(finding));
  }

  const MigrationDirectory& directory_;
  MigrationDirectory downs_;
  const ProveOptions& options_;
  SymbolTable symbols_;
  std::unique_ptr<Shadow> shadow_;
  std::optional<Snapshot> after_;  // the state of the main database, when the last trial has read it
};

}  // namespace

std::string_view to_string(DownProof::Verdict verdict) {
  constexpr std::array names = {"faithful", "no down",    "irreversible",   "keeps the schema", "empty",
                                "fails",    "unfaithful", "up again fails", "up again differs"};
  return names[static_cast<std::size_t>(verdict)];
}

bool is_bad(DownProof::Verdict verdict) { return verdict >= DownProof::Verdict::empty; }

std::vector<DownProof> prove_downs(const MigrationDirectory& directory, const ProveOptions& options) {
  return Prover(directory, options).run();
}

}  // namespace plumbline
