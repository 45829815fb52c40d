#include <algorithm>
#include <map>
#include <ostream>

#include "cli/commands.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/runner_json.h"
#include "cli/runner_setup.h"
#include "cli/sides.h"
#include "postgres/error.h"
#include "report/escape.h"
#include "runner/prove.h"

namespace plumbline {
namespace {

constexpr int exit_unfaithful = 1;

void write_proof(const DownProof& proof, std::ostream& out) {
  out << to_string(proof.verdict) << "  " << visible_line(proof.version + "  " + proof.file) << '\n';
  if (!proof.message.empty()) out << "    " << visible_line(proof.message) << '\n';
  constexpr std::size_t limit = 10;
  for (std::size_t i = 0; i < proof.changes.size() && i < limit; ++i)
    out << "    " << visible_line(proof.changes[i]) << '\n';
  if (proof.changes.size() > limit) out << "    and " << proof.changes.size() - limit << " more\n";
}

void write_text(const std::vector<DownProof>& proofs, std::ostream& out) {
  std::map<DownProof::Verdict, std::size_t> counts;
  for (const DownProof& proof : proofs) {
    ++counts[proof.verdict];
    if (is_bad(proof.verdict)) write_proof(proof, out);
  }
  for (const auto& [verdict, count] : counts) out << count << ' ' << to_string(verdict) << '\n';
  const std::size_t faithful = counts[DownProof::Verdict::faithful];
  std::size_t bad = 0;
  for (const auto& [verdict, count] : counts) bad += is_bad(verdict) ? count : 0;
  out << faithful << " of " << faithful + bad << " downs are faithful\n";
}

}  // namespace

int run_prove(const Settings& settings, const RunnerFlags& flags) {
  const MigrationDirectory directory = load_directory(settings, Strays::refuse);
  ProveOptions options;
  warn_of_what_is_shared(settings);
  options.expected = expected_options(settings, 0, "postgres");
  for (const std::string& version : flags.arguments) options.places.push_back(find_place(directory, version));
  std::ranges::sort(options.places);
  std::vector<DownProof> proofs;
  {
    log::ProgressLine progress;
    options.expected.replay.progress = progress.callback();
    proofs = prove_downs(directory, options);
  }
  write_output(settings, [&](const Output&, std::ostream& out) {
    flags.json ? write_json(directory, proofs, out) : write_text(proofs, out);
  });
  const bool bad = std::ranges::any_of(proofs, [](const DownProof& proof) { return is_bad(proof.verdict); });
  return bad ? exit_unfaithful : 0;
}

}  // namespace plumbline
