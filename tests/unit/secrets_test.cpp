#include "migrations/secrets.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace plumbline;

namespace {

// Each statement holds "sesame" where nobody may see it, and "plain" where everybody may.
const std::vector<std::string> with_secrets{
    "CREATE ROLE plain PASSWORD 'sesame'",
    "CREATE USER plain WITH ENCRYPTED PASSWORD E'sesame\\n' VALID UNTIL '2030-01-01'",
    "ALTER ROLE plain PASSWORD $$sesame$$",
    "ALTER ROLE plain SET plain.token = 'sesame'",
    "CREATE USER MAPPING FOR plain SERVER s OPTIONS (user 'u', password 'sesame')",
    "ALTER USER MAPPING FOR plain SERVER s OPTIONS (SET password 'sesame')",
    "CREATE SERVER plain FOREIGN DATA WRAPPER w OPTIONS (host 'h', api_key 'sesame')",
    "CREATE SUBSCRIPTION plain CONNECTION 'host=h password=sesame' PUBLICATION p",
    "ALTER SUBSCRIPTION plain CONNECTION 'host=h password=sesame'",
    "COPY plain FROM PROGRAM 'curl -H \"Authorization: sesame\" https://h'",
    "SELECT dblink_connect('plain', 'host=h password=sesame')",
    "SELECT dblink('postgres://u:sesame@h/d', 'SELECT 1') AS plain",
    "SET plain.secret = 'sesame'",
    "ALTER SYSTEM SET primary_conninfo = 'host=h password=sesame' /* plain */",
    "DO $$ BEGIN CREATE ROLE plain PASSWORD 'sesame'; END $$",
    "DO $x$ BEGIN EXECUTE 'ALTER ROLE r PASSWORD ''sesame'''; PERFORM plain(); END $x$",
    "CREATE FUNCTION plain() RETURNS void LANGUAGE sql AS $$ ALTER ROLE r PASSWORD 'sesame' $$",
    "CREAT ROLE plain PASSWORD 'sesame'",
    "CREATE ROLE plain PASSWORD 'sesame",
    "CREATE ROLE plain PASSWORD $$sesame",
    "CREATE ROLE plain PASSWORD 'ses''ame' 'sesame'",
};

}  // namespace

TEST_CASE("no secret of a statement is shown, and its names are") {
  for (const std::string& sql : with_secrets) {
    const std::string shown = without_secrets(sql);
    INFO(shown);
    CHECK(shown.find("sesame") == std::string::npos);
    CHECK(shown.find("plain") != std::string::npos);
    CHECK(shown.find("'***'") != std::string::npos);
  }
}

TEST_CASE("a statement without secrets is shown as it stands") {
  for (const std::string sql :
       {"CREATE TABLE t (state text DEFAULT 'new' CHECK (state IN ('new', 'done')))",
        "INSERT INTO words VALUES ('a', 'b') -- 'c'",
        "COMMENT ON TABLE t IS 'the password is kept elsewhere'", "SET lock_timeout = '5s'",
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'a'::text $$"})
    CHECK(without_secrets(sql) == sql);
}

TEST_CASE("what a server quotes of a secret is hidden, too") {
  const Error error(
      "syntax error at or near \"'sesame'\"", "Is \"sesame\" right?",
      {"42601", "near sesame", "SQL statement \"ALTER ROLE r PASSWORD 'made up on the way'\"\nline 1", 7});
  const Error shown = without_secrets(error, "CREAT ROLE r PASSWORD 'sesame'");
  for (const std::string& text :
       {shown.message(), shown.hint(), shown.report().detail, shown.report().context}) {
    CHECK(text.find("sesame") == std::string::npos);
    CHECK(text.find("made up") == std::string::npos);
  }
  CHECK(shown.report().sqlstate == "42601");
  CHECK(shown.report().position == 7);
  CHECK(shown.report().context.find("ALTER ROLE r PASSWORD '***'\"\nline 1") != std::string::npos);
}
