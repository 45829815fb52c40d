#include "catchup/proof_server.h"

#include <algorithm>
#include <iterator>

#include "catchup/measure.h"
#include "catchup/member_changes.h"
#include "diff/compare.h"
#include "expected/equivalence.h"
#include "expected/missing_role.h"
#include "expected/process.h"
#include "expected/temporary_file.h"
#include "migrations/execution.h"
#include "migrations/splitter.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/capture.h"

namespace plumbline {

bool is_out_of_reach(const Attribute& attribute, std::string_view want) {
  return attribute.form == Form::order || attribute.secret || is_unknown(want) ||
         want.find("fingerprint ") != want.npos;
}

namespace {

constexpr std::string_view lost_connection = "08006";
constexpr std::size_t most_problems = 10;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Runs a section; what a statement did is seen before its transaction ends.
class Watch : public ExecutionObserver {
 public:
  Watch(Connection& connection, const Section& section, CatchUpPlan* plan) : section_(section), plan_(plan) {
    if (plan) measure_.emplace(connection);
  }

  void before(std::size_t) override {
    if (measure_) measure_->start();
  }
  void after(std::size_t statement, bool inside) override {
    const std::size_t place = section_.statements.at(statement);
    if (!plan_ || place == Section::control) return;
    if (inside) plan_->statements[place].effect = measure_->take();
  }
  [[noreturn]] void failed(const Error& error, std::size_t statement) override {
    if (statement < section_.statements.size()) failed_ = section_.statements[statement];
    throw Error(error);
  }
  std::size_t failed_statement() const { return failed_; }
  bool wants_transactions() const override { return true; }

 private:
  const Section& section_;
  CatchUpPlan* plan_;
  std::size_t failed_ = Section::control;
  std::optional<Measure> measure_;
};

std::string differing_attributes(const Difference& difference, const Snapshot& want) {
  std::string names;
  for (const std::size_t i : difference.attributes) {
    const Attribute& attribute = difference.id.kind->attributes[i];
    if (is_out_of_reach(attribute, want.find(difference.id)->values()[i].view())) continue;
    names.append(names.empty() ? " with another " : ", ").append(attribute.name);
  }
  return names;
}

bool is_of_extension(const PlannedStatement& statement) {
  return statement.about.kind != nullptr &&
         std::ranges::any_of(statement.about.kind->attributes, &Attribute::members);
}

}  // namespace

std::vector<std::string> tell(const std::vector<Difference>& differences, const Snapshot& want,
                              const std::string& what) {
  std::vector<std::string> problems;
  std::size_t more = 0;
  for (const Difference& difference : differences) {
    const bool changed = difference.verb == Difference::Verb::changed;
    const std::string names = changed ? differing_attributes(difference, want) : std::string();
    if (changed && names.empty()) continue;
    if (problems.size() == most_problems) {
      ++more;
      continue;
    }
    const std::string verb = changed                                        ? ""
                             : difference.verb == Difference::Verb::missing ? " missing"
                                                                            : " left over";
    problems.push_back(std::string(what).append(" ").append(describe(difference.id)).append(names) + verb);
  }
  if (more > 0) problems.push_back("and " + std::to_string(more) + " more");
  return problems;
}

ProofServer::ProofServer(SymbolTable& symbols, const ShadowOptions& options, bool cluster)
    : symbols_(symbols), options_(options), cluster_(cluster), own_server_(options.url.empty()) {
  restart();
}

void ProofServer::restart() {
  connection_.reset();
  open_.clear();
  made_roles_.clear();
  made_tablespaces_.clear();
  shadow_.reset();
  shadow_ = start_shadow(options_);
  const std::string database = "plumbline_empty";
  shadow_->create_database(database);
  empty_ = read(database, true);
}

Connection& ProofServer::connection(const std::string& database) {
  if (open_ != database) {
    connection_.reset();
    connection_ = shadow_->connect(database);
    connection_->execute("SET client_min_messages = error");
    open_ = database;
  }
  return *connection_;
}

CatchUpPlan ProofServer::plan_here(const Snapshot& have, const Snapshot& want) const {
  return plan(have, want, compare(have, want), {.creator = role(), .throw_away = own_server_});
}

void ProofServer::copy(const std::string& from, const std::string& to) {
  std::optional<Snapshot> whole;
  if (has_what_no_copy_has(from)) whole = read(from, true);
  connection_.reset();
  open_.clear();
  shadow_->create_database(to, from);
  if (!whole) return;
  const Snapshot copied = read(to, true);
  const CatchUpPlan rest = plan_here(copied, *whole);
  for (const PlannedStatement& statement : rest.statements) connection(to).execute(statement.sql);
}

// CREATE DATABASE copies what lies in the database; subscriptions and the database's settings lie outside
// (pg_subscription.subdbid, pg_db_role_setting.setdatabase).
bool ProofServer::has_what_no_copy_has(const std::string& database) {
  return connection(database).value(
             "SELECT d.oid IN (SELECT subdbid FROM pg_catalog.pg_subscription)"
             " OR d.oid IN (SELECT setdatabase FROM pg_catalog.pg_db_role_setting)"
             " FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()") == "t";
}

// A database that subscribes to something is not dropped.
void ProofServer::end_subscriptions(const std::string& database) {
  Connection& there = connection(database);
  const auto alter = there.value(
      "SELECT pg_catalog.string_agg(pg_catalog.format('ALTER SUBSCRIPTION %1$I DISABLE;"
      " ALTER SUBSCRIPTION %1$I SET (slot_name = NONE); DROP SUBSCRIPTION %1$I', s.subname), ';')"
      " FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid"
      " WHERE d.datname = pg_catalog.current_database()");
  if (alter && !alter->empty()) there.execute(*alter);
}

void ProofServer::drop(const std::string& database) {
  if (has_what_no_copy_has(database)) end_subscriptions(database);
  connection_.reset();
  open_.clear();
  shadow_->drop_database(database);
}

Snapshot ProofServer::read(const std::string& database, bool dependencies) {
  Connection& reader = connection(database);
  const ReadTransaction transaction(reader);
  CaptureOptions options;
  options.throw_away = true;
  options.cluster = cluster_;
  options.dependencies = dependencies;
  return capture(reader, symbols_, options);
}

// A tablespace's directory is no part of the schema; this one lies in the data directory.
bool ProofServer::make_tablespace(const Error& error) {
  const std::string start = "tablespace \"", end = "\" does not exist";
  const std::string& text = error.message();
  if (error.sqlstate() != "42704" || !text.starts_with(start) || !text.ends_with(end) || !own_server_)
    return false;
  const std::string name = text.substr(start.size(), text.size() - start.size() - end.size());
  if (!made_tablespaces_.insert(name).second) return false;
  if (connection_->in_transaction()) connection_->execute("ROLLBACK");
  connection_->execute("SET allow_in_place_tablespaces = on");
  connection_->execute("CREATE TABLESPACE " + quote_identifier(name) + " LOCATION ''");
  return true;
}

bool ProofServer::make_missing(const Error& error) {
  return make_role(missing_role(error)) || make_tablespace(error);
}

bool ProofServer::make_role(const std::string& name) {
  if (name.empty() || !made_roles_.insert(name).second) return false;
  shadow_->create_role(name);
  // Some objects only a superuser can own (an event trigger, a foreign-data wrapper).
  if (own_server_) connection_->execute("ALTER ROLE " + quote_identifier(name) + " SUPERUSER");
  return true;
}

ProofServer::Built ProofServer::build(const std::string& database, const Snapshot& schema) {
  const CatchUpPlan plan = plan_here(empty_, schema);
  shadow_->create_database(database);
  Built failed = make(database, plan.statements);
  if (!failed.problems.empty() && std::ranges::any_of(plan.statements, is_of_extension)) {
    drop(database);
    shadow_->create_database(database);
    failed = make(database, plan.statements, &schema);
  }
  if (!failed.problems.empty()) return failed;
  // What the rebuilding already gets wrong would be the plan's fault otherwise. What it refuses may not
  // matter (a password is compared by nobody).
  std::vector<Difference> differences = reachable_differences(database, schema);
  if (std::ranges::any_of(differences, differs_in_members)) {
    // An extension comes with its members as it brings them; what somebody altered of them, is altered here.
    const MemberChanges members =
        member_changes(read(database, true), schema, differences, {.creator = role()});
    for (const auto* statements : {&members.leaving, &members.rest}) {
      if (Built altered = make(database, *statements); !altered.problems.empty()) return altered;
    }
    differences = reachable_differences(database, schema);
  }
  if (differences.empty()) return {};
  Built built;
  for (const Refusal& refusal : plan.refusals)
    built.problems.push_back("it cannot be rebuilt here: " + refusal.why);
  for (const std::string& problem : tell(differences, schema, "it was rebuilt with another"))
    built.problems.push_back(problem);
  for (const Difference& difference : differences) built.objects.push_back(difference.id);
  return built;
}

ProofServer::Built ProofServer::make(const std::string& database,
                                     const std::vector<PlannedStatement>& statements,
                                     const Snapshot* with_members_of) {
  const auto prepare = [&] {
    connection(database).execute("SET check_function_bodies = off; SET search_path = ''");
  };
  prepare();
  for (std::size_t i = 0; i < statements.size();) {
    const PlannedStatement& statement = statements[i];
    try {
      connection(database).execute(statement.sql);
      ++i;
    } catch (const Error& error) {
      if (error.sqlstate() == lost_connection) throw;
      if (make_missing(error)) continue;
      std::vector<ObjectId> objects = statement.reasons;
      if (statement.about.kind != nullptr) objects.push_back(statement.about);
      return {{"it cannot be rebuilt here: " + error.message() + ", by: " + first_line(statement.sql)},
              objects};
    }
    if (with_members_of == nullptr || !is_of_extension(statement)) continue;
    if (Built failed = free_members(database, *with_members_of); !failed.problems.empty()) return failed;
    prepare();
  }
  return {};
}

ProofServer::Built ProofServer::free_members(const std::string& database, const Snapshot& schema) {
  const Snapshot made = read(database, true);
  return make(database, member_changes(made, schema, compare(made, schema), {.creator = role()}).leaving);
}

// Again and again, as long as one more statement works.
std::vector<Dependency> ProofServer::find_dependencies(const Snapshot& schema) {
  const std::string database = "plumbline_order";
  CatchUpPlan plan = plan_here(empty_, schema);
  shadow_->create_database(database);
  std::vector<PlannedStatement>& open = plan.statements;
  for (bool more = true; more && !open.empty();) {
    const std::size_t before = open.size();
    std::erase_if(open, [&](const PlannedStatement& statement) { return works(database, statement.sql); });
    more = open.size() < before;
    std::ranges::reverse(open);  // names in the reverse order would take a pass each
  }
  const Snapshot made = read(database, true);
  drop(database);
  std::vector<Dependency> found;
  std::ranges::copy_if(made.dependencies(), std::back_inserter(found), [&](const Dependency& one) {
    return schema.find(one.dependent) && schema.find(one.referenced);
  });
  return found;
}

bool ProofServer::works(const std::string& database, const std::string& sql) {
  Connection& builder = connection(database);
  for (;;) {
    try {
      builder.execute("SET check_function_bodies = off; SET search_path = ''");
      builder.execute(sql);
      return true;
    } catch (const Error& error) {
      if (error.sqlstate() == lost_connection) throw;
      if (!make_missing(error)) return false;
    }
  }
}

ProofServer::Run ProofServer::run(const std::string& database, const Section& section,
                                  const std::function<void()>& restore, CatchUpPlan* plan) {
  const std::vector<SqlStatement> statements = split_sql(section.text, "the plan");
  if (statements.size() != section.statements.size())
    return {"the script is not read as what it was written as", {}};
  for (;;) {
    Connection& runner = connection(database);
    Watch watch(runner, section, plan);
    try {
      run_script(runner, {"the plan", statements, section.transactional && !plan}, watch);
      return {};
    } catch (const Error& error) {
      if (error.sqlstate() == lost_connection) throw;
      if (runner.in_transaction()) runner.execute("ROLLBACK");
      if (!restore || !make_missing(error))
        return {error.message(), error.sqlstate(), watch.failed_statement()};
    }
    drop(database);
    restore();
  }
}

ProofServer::Run ProofServer::run_by_psql(const std::string& database, const std::string& text) {
  connection_.reset();
  open_.clear();
  // A text that escapes its comments must not run as root here, of all places.
  const std::optional<ServerUser> user = server_user();
  const TemporaryFile file(text, user);
  const OutsideConninfo outside = for_other_program(shadow_->conninfo(database));
  const Invocation psql{.words = {find_psql().string(), "--no-psqlrc", "--quiet", "--no-password", "--file",
                                  file.path().string(), "--dbname", outside.conninfo},
                        .user = user,
                        .variables = outside.variables,
                        .errors_apart = true};
  const Outcome outcome = plumbline::run(psql);
  if (outcome.exit_code == 0) return {};
  const std::string said(trim(outcome.errors));
  return {said.empty() ? "psql ended with exit code " + std::to_string(outcome.exit_code) : said, {}};
}

std::vector<Difference> ProofServer::reachable_differences(const std::string& database,
                                                           const Snapshot& want) {
  const Snapshot have = read(database);
  std::vector<Difference> result = differences(database, have, want);
  std::erase_if(result, [&](const Difference& difference) {
    return difference.verb == Difference::Verb::changed && differing_attributes(difference, want).empty();
  });
  return result;
}

std::vector<Difference> ProofServer::differences(const std::string& database, const Snapshot& have,
                                                 const Snapshot& want) {
  std::vector<Difference> result = compare(have, want);
  Equivalence equivalence([&] { return &connection(database); });
  drop_same(result, have, want, [&](const auto&... values) { return equivalence.same(values...); });
  return result;
}

std::vector<std::string> ProofServer::differing(const std::string& database, const Snapshot& want,
                                                const std::string& what, const IdSet& refused) {
  const Snapshot have = read(database);
  std::vector<Difference> differences = this->differences(database, have, want);
  std::erase_if(differences, [&](const Difference& difference) { return refused.contains(difference.id); });
  return tell(differences, want, what);
}

std::vector<std::string> differing(const Snapshot& have, const Snapshot& want, const std::string& what) {
  return tell(compare(have, want), want, what);
}

}  // namespace plumbline
