#include "catchup/proof.h"

#include <memory>
#include <set>

#include "diff/compare.h"
#include "postgres/connection.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/capture.h"

namespace plumbline {

namespace {

constexpr std::string_view database = "plumbline_proof";
constexpr std::size_t most_told = 10;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

class Bench {
 public:
  Bench(const Claim& claim, const ShadowOptions& options)
      : claim_(claim), own_server_(options.url.empty()), shadow_(start_shadow(options)) {
    shadow_->create_database(database);
    connection_ = shadow_->connect(database);
    connection_->execute(
        "SET check_function_bodies = off; SET search_path = ''; SET client_min_messages = error");
  }

  std::vector<std::string> run() {
    const Snapshot empty = read(true);
    const Plan source =
        plan(empty, claim_.actual, compare(empty, claim_.actual), {.creator = shadow_->role()});
    for (const std::string& refusal : source.refusals)
      problems_.push_back("the source cannot be rebuilt: " + refusal);
    if (!apply(source, "rebuilding the source")) return problems_;
    // What the rebuilding already gets wrong would be the plan's fault otherwise.
    if (!tell(read(false), claim_.actual, "the source was rebuilt with another")) return problems_;
    if (!apply(claim_.plan, "running the plan")) return problems_;
    tell(read(false), claim_.expected, "after the plan there is another");
    return problems_;
  }

 private:
  Snapshot read(bool dependencies) {
    const ReadTransaction transaction(*connection_);
    CaptureOptions options;
    options.throw_away = true;
    options.cluster = claim_.cluster;
    options.dependencies = dependencies;
    return capture(*connection_, claim_.symbols, options);
  }

  bool apply(const Plan& statements, const std::string& doing) {
    for (const Statement& statement : statements.statements) {
      try {
        run_with_roles(statement.sql);
      } catch (const Error& error) {
        if (error.sqlstate() == "08006") throw;
        problems_.push_back(doing + ": " + error.message() + ", by: " + first_line(statement.sql));
        return false;
      }
    }
    return true;
  }

  // Roles are the cluster's; those that are named have to be there.
  void run_with_roles(const std::string& sql) {
    for (;;) {
      try {
        return connection_->execute(sql);
      } catch (const Error& error) {
        const std::string role = missing_role(error);
        if (role.empty() || !made_roles_.insert(role).second) throw;
        shadow_->create_role(role);
        // Some objects only a superuser can own (an event trigger, a foreign-data wrapper).
        if (own_server_) connection_->execute("ALTER ROLE " + quote_identifier(role) + " SUPERUSER");
      }
    }
  }

  // 'role "app" does not exist' (the server speaks English, see lc_messages).
  static std::string missing_role(const Error& error) {
    const std::string start = "role \"", end = "\" does not exist";
    const std::string& text = error.message();
    const std::size_t at = text.find(start), last = text.rfind(end);
    if (error.sqlstate() != "42704" || at == text.npos || last == text.npos) return {};
    return text.substr(at + start.size(), last - at - start.size());
  }

  // Attributes that no plan repairs: secrets, which a snapshot does not hold, and the order of columns.
  static bool is_out_of_reach(const Attribute& attribute, std::string_view want) {
    return attribute.form == Form::order || attribute.secret || is_unknown(want) ||
           want.find("fingerprint ") != std::string_view::npos;
  }

  bool tell(const Snapshot& have, const Snapshot& want, const std::string& what) {
    bool same = true;
    for (const Difference& difference : compare(have, want)) {
      std::string names;
      for (const std::size_t i : difference.attributes) {
        const Attribute& attribute = difference.id.kind->attributes[i];
        if (is_out_of_reach(attribute, want.find(difference.id)->values()[i].view())) continue;
        names.append(", ").append(attribute.name);
      }
      if (difference.verb == Difference::Verb::changed && names.empty()) continue;
      same = false;
      if (problems_.size() < most_told)
        problems_.push_back(std::string(what).append(" ").append(describe(difference.id)).append(names));
    }
    return same;
  }

  const Claim& claim_;
  const bool own_server_;
  std::unique_ptr<Shadow> shadow_;
  std::unique_ptr<Connection> connection_;
  std::set<std::string> made_roles_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> prove(const Claim& claim, const ShadowOptions& options) {
  return Bench(claim, options).run();
}

}  // namespace plumbline
