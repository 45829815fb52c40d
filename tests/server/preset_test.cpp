#include <catch2/catch.hpp>

#include "tests/server/project.h"

namespace plumbline::testing {

namespace {

// What Supabase puts into a database before anybody migrates, in small. A role is the whole server's, so it
// goes when the test does.
class SupabaseProject {
 public:
  SupabaseProject() {
    project.migrations({"CREATE TABLE public.t (a int)"});
    project.live(
        "DROP ROLE IF EXISTS supabase_admin; CREATE ROLE supabase_admin; CREATE TABLE public.t (a int);"
        "CREATE SCHEMA auth AUTHORIZATION supabase_admin; CREATE TABLE auth.users (id uuid PRIMARY KEY);"
        "CREATE TABLE public.flyway_schema_history (v text); GRANT EXECUTE ON FUNCTION pg_ls_waldir() TO "
        "supabase_admin",
        1);
  }
  ~SupabaseProject() {
    project.database().execute("DROP OWNED BY supabase_admin CASCADE; DROP ROLE supabase_admin");
  }
  Project project;
};

bool says(const ProgramResult& result, std::string_view text) {
  return result.out.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("what a service made itself is hidden and counted, chosen by looking at the server") {
  SupabaseProject supabase;
  const ProgramResult result = supabase.project.check();
  INFO(result.out << result.err);
  CHECK(result.exit_code == 0);
  CHECK(says(result, "2 by preset supabase: made by Supabase"));
  CHECK(says(result, "1 by preset ledgers: made by other migration tools"));
  CHECK(says(result, "presets: supabase"));
}

TEST_CASE("presets can be switched off by flag and by file, and doctor tells which count") {
  SupabaseProject supabase;
  const ProgramResult none = supabase.project.check({"--preset", "none"});
  CHECK(none.exit_code == 2);
  CHECK(says(none, "unexpected schema auth"));
  CHECK(says(none, "unexpected table public.flyway_schema_history"));
  CHECK(says(supabase.project.run({"doctor", "--url", supabase.project.database().url()}),
             "supabase (Supabase)"));
  supabase.project.write("plumbline.toml", "[check]\npresets = [\"supabase\"]\n");
  const ProgramResult one = supabase.project.check();
  CHECK(says(one, "by preset supabase"));
  CHECK(says(one, "unexpected table public.flyway_schema_history"));
}

TEST_CASE("what people do to a service's tables is told") {
  SupabaseProject supabase;
  supabase.project.database().execute("CREATE POLICY mine ON auth.users");
  supabase.project.write("prelude.sql", "CREATE SCHEMA auth; CREATE TABLE auth.users (id int)");
  const ProgramResult result = supabase.project.check({"--prelude", "prelude.sql"});
  INFO(result.out << result.err);
  CHECK(result.exit_code == 2);
  CHECK(says(result, "unexpected policy auth.users.mine"));
}

TEST_CASE("partitions that pg_partman made are hidden, others are told") {
  Project project;
  const std::string table = "CREATE TABLE public.t (a int) PARTITION BY RANGE (a)";
  project.migrations({table});
  // The extension is not on every machine: its name and the one table that is read make do.
  project.live(table +
                   ";CREATE SCHEMA partman; CREATE EXTENSION pg_trgm SCHEMA partman;"
                   "UPDATE pg_extension SET extname = 'pg_partman' WHERE extname = 'pg_trgm';"
                   "CREATE TABLE partman.part_config (parent_table text, template_table text);"
                   "INSERT INTO partman.part_config VALUES ('public.t', 'partman.template_t');"
                   "CREATE TABLE partman.template_t (a int);"
                   "CREATE TABLE public.t_p1 PARTITION OF public.t FOR VALUES FROM (1) TO (2);"
                   "CREATE TABLE public.other (a int)",
               1);
  const ProgramResult result = project.check({"--exclude", "partman.part_config"});
  INFO(result.out << result.err);
  CHECK(says(result, "1 by preset pg_partman"));
  CHECK(says(result, "unexpected table public.other"));
  CHECK_FALSE(says(result, "unexpected table public.t_p1"));
}

TEST_CASE("a preset that nobody knows is refused with those there are") {
  const ProgramResult result = Project().check({"--preset", "supabse"});
  CHECK(result.exit_code == 64);
  CHECK(result.err.find("there is no preset \"supabse\"") != std::string::npos);
  CHECK(result.err.find("Did you mean \"supabase\"?") != std::string::npos);
}

}  // namespace plumbline::testing
