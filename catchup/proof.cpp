#include "catchup/proof.h"

#include "catchup/proof_server.h"

namespace plumbline {

std::vector<std::string> prove(const Claim& claim, const ShadowOptions& options) {
  // No statement makes no difference.
  if (claim.section.statements.empty() && claim.refused.empty())
    return differing(claim.actual, claim.expected, "no statement repairs that there is");
  const std::string database = "plumbline_proof";
  ProofServer server(claim.symbols, options, claim.cluster);
  std::vector<std::string> problems = server.build(database, claim.actual).problems;
  if (!problems.empty()) return problems;
  const ProofServer::Run run =
      server.run(database, claim.section, [&] { server.build(database, claim.actual); });
  if (!run.problem.empty()) return {"it fails: " + run.problem};
  return server.differing(database, claim.expected, "afterwards there is", claim.refused);
}

}  // namespace plumbline
