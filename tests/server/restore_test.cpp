// A backup that up has made comes back, beside the database or in its place, and nothing goes unsaid.
#include <catch2/catch.hpp>

#include "postgres/text.h"
#include "tests/server/dumps.h"
#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

// A database of its own, since it is renamed.
class Backed {
 public:
  Backed() : database_(server(newest_with_dump()).fresh_database()) {
    folder_.write("plumbline.toml", "[runner]\nbackup_directory = \"backups\"\n");
    migration(1, "CREATE TABLE a (id int); INSERT INTO a VALUES (1);");
    up();
    migration(2, "CREATE TABLE b (id int); DELETE FROM a;");
    up();
    execute("INSERT INTO b VALUES (7)");
  }
  ~Backed() {
    const auto administrator = admin();
    std::vector<std::string> names;
    administrator->query("SELECT datname FROM pg_database WHERE datname LIKE '" + name() + "\\_re%'",
                         [&](const Row& row) { names.emplace_back(row[0]); });
    for (const std::string& each : names)
      administrator->execute("DROP DATABASE " + quote_identifier(each) + " WITH (FORCE)");
  }
  Backed(const Backed&) = delete;
  Backed& operator=(const Backed&) = delete;

  void migration(int number, const std::string& up) const {
    folder_.write("db/" + Migrated::version(number) + "_step.sql", up);
  }
  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }
  const std::string& name() const { return database_.name(); }
  const std::filesystem::path& path() const { return folder_.path(); }
  std::unique_ptr<Connection> admin() const { return open("postgres"); }
  std::unique_ptr<Connection> open(const std::string& database) const {
    return connect({.conninfo = with_parameter(database_.conninfo(), "dbname", database)});
  }
  void execute(const std::string& sql) const { open(name())->execute(sql); }
  std::string value(const std::string& database, const std::string& sql) const {
    return open(database)->value(sql).value_or("none");
  }
  std::string url() const { return database_.url(); }
  // With what plumbline.toml says alone.
  ProgramResult run_as_set(const std::vector<std::string>& words) const {
    return run_plumbline(words, {}, {}, folder_.path());
  }
  ProgramResult run(std::vector<std::string> words) const {
    words.insert(words.end(), {"--url", database_.conninfo()});
    return run_as_set(words);
  }
  void up() const {
    const ProgramResult result = run({"up", "--migrations", "db"});
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
  }
  std::string databases() const {
    return value("postgres", "SELECT count(*) FROM pg_database WHERE datname LIKE '" + name() + "%'");
  }

 private:
  TemporaryDirectory folder_;
  TestDatabase database_;
};

constexpr char rows_of_a[] = "SELECT count(*) FROM a";

}  // namespace

TEST_CASE("a backup comes back as a new database, and the old one is not touched") {
  if (newest_with_dump() == 0) return skip_without_dump();
  const Backed live;
  CHECK(live.value(live.name(),
                   "SELECT count(*) FROM plumbline.migration_history WHERE action = 'backup' AND "
                   "details LIKE 'backups/%.dump'") == "2");
  CHECK(std::distance(std::filesystem::directory_iterator(live.path() / "backups"), {}) == 2);
  const std::string made = live.name() + "_restored_here";
  const ProgramResult result = live.run({"restore", "--into", made});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, Contains("restored backups/" + live.name()) &&
                             Contains("into the database " + made) &&
                             Contains("not in it, applied since: 20250102_000000") &&
                             Contains("not in it: all rows written since 20"));
  CHECK(live.value(made, rows_of_a) == "1");
  CHECK(live.value(made, "SELECT string_agg(version || state, ',') FROM plumbline.schema_migrations") ==
        "20250101_000000applied");
  CHECK(live.value(live.name(), rows_of_a) == "0");
  CHECK(live.value(live.name(), "SELECT id FROM b") == "7");
  check_refused(live.run({"restore", "--into", made}), {"already exists"});
  CHECK(live.value(made, rows_of_a) == "1");
}

TEST_CASE("in place the backup takes the name, and what was there is kept") {
  if (newest_with_dump() == 0) return skip_without_dump();
  const Backed live;
  live.execute("ALTER DATABASE " + live.name() +
               " SET search_path = app, \"Odd one\", public; ALTER DATABASE " + live.name() +
               " SET work_mem = '5MB'; COMMENT ON DATABASE " + live.name() +
               " IS 'it''s ours'; REVOKE CONNECT ON DATABASE " + live.name() + " FROM PUBLIC");
  const std::string facts =
      "SELECT concat_ws('|', setconfig, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM "
      "unnest(datacl) a), shobj_description(d.oid, 'pg_database')) FROM pg_database d "
      "LEFT "
      "JOIN pg_db_role_setting ON setdatabase = d.oid WHERE datname = current_database()";
  const std::string before = live.value(live.name(), facts);

  CHECK(live.run({"restore", "--in-place"}).exit_code == 64);
  check_refused(live.run({"restore", "--in-place", "--confirm", "another"}),
                {"is not its name; nothing was changed", "--confirm " + live.name()});
  const auto session = live.open(live.name());
  check_refused(live.run({"restore", "--in-place", "--confirm", live.name()}),
                {"others are connected", "--disconnect"});
  CHECK(live.databases() == "1");
  const ProgramResult result =
      live.run({"restore", "--in-place", "--disconnect", "--confirm", live.name(), "--reason", "OPS-7"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, Contains("not in it, applied since: 20250102_000000") &&
                             Contains("is kept as " + live.name() + "_replaced_"));
  CHECK(live.value(live.name(), rows_of_a) == "1");
  CHECK(live.value(live.name(), facts) == before);
  CHECK(live.value(live.name(), "SELECT reason FROM plumbline.migration_history WHERE action = 'restored'") ==
        "OPS-7");
  CHECK(live.value(live.name(), "SELECT count(*) FROM plumbline.migration_locks") == "0");
  const std::string kept = live.value(
      "postgres", "SELECT datname FROM pg_database WHERE datname LIKE '" + live.name() + "\\_replaced%'");
  CHECK(live.value(kept, "SELECT id FROM b") == "7");
  live.up();
  CHECK(live.value(live.name(), rows_of_a) == "0");
  CHECK(live.run({"history", "--verify"}).exit_code == 0);
}

TEST_CASE("a backup that does not come back leaves nothing") {
  if (newest_with_dump() == 0) return skip_without_dump();
  const Backed live;
  live.write("broken.dump", "no archive");
  check_refused(live.run({"restore", "broken.dump"}), {"is no backup that can be restored"});
  check_refused(live.run({"restore", "absent.dump"}), {"there is no backup \"absent.dump\""});
  live.write("plumbline.toml", "[runner]\nbackup_directory = \"elsewhere\"\n");
  check_refused(live.run({"restore"}),
                {"no backup of \"" + live.name() + "\" is known", "plumbline restore FILE"});
  live.write("plumbline.toml", "[runner]\nbackup_command = \"true\"\n");
  check_refused(live.run({"restore"}), {"restored by its own tool"});
  live.write("plumbline.toml", "[runner]\nbackup_directory = \"backups\"\n");
  for (const auto& file : std::filesystem::directory_iterator(live.path() / "backups"))
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 200);
  CHECK(live.run({"restore", "--in-place", "--confirm", live.name()}).exit_code == 1);
  CHECK(live.databases() == "1");
  CHECK(live.value(live.name(), "SELECT id FROM b") == "7");
}

TEST_CASE("a protected environment is confirmed by its own name") {
  if (newest_with_dump() == 0) return skip_without_dump();
  const Backed live;
  live.write("plumbline.toml", "[runner]\nbackup_directory = \"backups\"\n[env.production]\nurl = \"" +
                                   live.url() + "\"\nprotected = true\n");
  const std::vector<std::string> words{"restore", "--in-place", "--env", "production"};
  const ProgramResult refused = live.run_as_set(words);
  CHECK(refused.exit_code == 64);
  CHECK_THAT(refused.err, Contains("--confirm production"));
  std::vector<std::string> confirmed = words;
  confirmed.insert(confirmed.end(), {"--confirm", "production"});
  CHECK(live.run_as_set(confirmed).exit_code == 0);
}
