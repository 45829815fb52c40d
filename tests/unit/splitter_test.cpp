#include "migrations/splitter.h"

#include <catch2/catch.hpp>

#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;
using Texts = std::vector<std::string>;

namespace {

Texts split_texts(std::string_view sql) { return texts(split_sql(sql, "a.sql")); }
std::string refusal(std::string_view sql) {
  return error_of([&] { split_sql(sql, "a.sql"); });
}

}  // namespace

TEST_CASE("statements end at semicolons and need none at the end of the file") {
  CHECK(split_texts("SELECT 1;SELECT 2 ;\n SELECT 3") == Texts{"SELECT 1", "SELECT 2", "SELECT 3"});
  CHECK(split_texts("").empty());
  CHECK(split_texts(";; -- nothing\n ; /* at all */").empty());
}

TEST_CASE("a semicolon in quotes, comments, parentheses or a dollar-quoted body ends nothing") {
  for (const char* sql :
       {"SELECT ';'", "SELECT 'it''s;'", R"(SELECT E'\';')", R"(SELECT U&'\0061;')", R"(SELECT U&"a;")",
        R"(SELECT ";""")", "SELECT $$;$$", "SELECT $a$;$b$;$a$", "SELECT 1 /* ; /* ; */ ; */ + 1",
        "SELECT 1 -- ;\n + 1", "SELECT B'1;'", "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
        "SELECT a$b$c, d$b$ FROM t"}) {
    CAPTURE(sql);
    CHECK(split_texts(std::string(sql) + "; SELECT 2") == Texts{sql, "SELECT 2"});
  }
}

TEST_CASE("a backslash escapes in E strings only, also where the string goes on in the next line") {
  CHECK(split_texts(R"(SELECT 'a\'; SELECT 2)") == Texts{R"(SELECT 'a\')", "SELECT 2"});
  CHECK(split_texts("SELECT E'a'\n  '\\';'; SELECT 2") == Texts{"SELECT E'a'\n  '\\';'", "SELECT 2"});
  CHECK(split_texts(R"(SELECT name'\'; SELECT 2)") == Texts{R"(SELECT name'\')", "SELECT 2"});
}

TEST_CASE("the body of a routine in standard SQL is one statement") {
  const std::string routine =
      "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n"
      "  SELECT 1;\n  SELECT CASE WHEN true THEN 2 END;\nEND";
  CHECK(split_texts(routine + "; SELECT 2") == Texts{routine, "SELECT 2"});
  CHECK(split_texts("BEGIN; SELECT 1; END") == Texts{"BEGIN", "SELECT 1", "END"});
  CHECK(
      split_texts("CREATE PROCEDURE p(a int) BEGIN ATOMIC INSERT INTO t VALUES (a); END; SELECT 2").size() ==
      2);
}

TEST_CASE("a statement knows where its first word stands, in characters") {
  const auto statements =
      split_sql("SELECT 'æøå'; SELECT 1;\r\n\r\n-- a comment\r\n/* ø */ SELECT 2", "a.sql");
  REQUIRE(statements.size() == 3);
  CHECK((statements[1].line == 1 && statements[1].column == 15 && statements[1].offset == 17));
  CHECK((statements[2].line == 4 && statements[2].column == 9));
  CHECK(statements[2].text == "SELECT 2");
}

TEST_CASE("COPY FROM stdin takes the lines below it as data") {
  const auto statements =
      split_sql("COPY t (a, b) FROM stdin;\nit's\t1\n-- no comment;\n\\N\t2\n\\.\nSELECT 1;", "a.sql");
  REQUIRE(statements.size() == 2);
  CHECK(statements[0].type == SqlStatement::Type::copy_in);
  CHECK(statements[0].text == "COPY t (a, b) FROM stdin");
  CHECK(statements[0].data == "it's\t1\n-- no comment;\n\\N\t2\n");
  CHECK((statements[1].text == "SELECT 1" && statements[1].line == 6));
}

TEST_CASE("COPY data may have Windows line ends and be empty") {
  CHECK(split_sql("COPY t FROM STDIN;\r\n1\r\n\\.\r\n", "a.sql")[0].data == "1\n");
  CHECK(split_sql("COPY t FROM STDIN;\n\\.\n", "a.sql")[0].data.empty());
  CHECK_THAT(refusal("SELECT 1;\nCOPY t FROM STDIN;\n1\n"), Contains("a.sql:2:1: the data of COPY"));
}

TEST_CASE("COPY of a query or a file is an ordinary statement") {
  for (const char* sql :
       {"COPY (SELECT 1 FROM stdin) TO STDOUT", "COPY t FROM '/tmp/x'", "COPY t TO stdout"}) {
    CHECK(split_sql(std::string(sql) + ";", "a.sql").at(0).type == SqlStatement::Type::sql);
  }
}

TEST_CASE("what is not closed is an error that says where it began") {
  CHECK_THAT(refusal("SELECT 1;\n  'abc"), Contains("a.sql:2:3: unterminated quoted string"));
  CHECK_THAT(refusal("SELECT \"abc"), Contains("a.sql:1:8: unterminated quoted identifier"));
  CHECK_THAT(refusal("SELECT $x$ abc $y$"), Contains("a.sql:1:8: unterminated dollar-quoted string"));
  CHECK_THAT(refusal("/* /* */"), Contains("a.sql:1:1: unterminated comment"));
}

TEST_CASE("psql commands that read files or depend on the client are refused with their place and a hint") {
  CHECK_THAT(refusal("SELECT 1;\n\\i other.sql\n"),
             Contains("a.sql:2:1: the psql command \"\\i\"") && Contains("migration of its own"));
  CHECK_THAT(refusal("\\copy t from 'x.csv'"), Contains("a.sql:1:1:") && Contains("COPY ... FROM stdin"));
  for (const char* command :
       {"\\ir x", "\\gexec", "SELECT 1 \\gset", "\\! ls", "\\connect other", "\\o x", "\\if true"}) {
    CAPTURE(command);
    CHECK_THAT(refusal(command), Contains("cannot be run here"));
  }
}

TEST_CASE("psql commands that only concern its output are skipped") {
  CHECK(split_texts("\\set ON_ERROR_STOP on\n\\echo it's running\nSELECT 1;\n\\restrict abc\n\\d "
                    "t\n\\timing\nSELECT 2;\n"
                    "\\unrestrict abc\n\\q\nnot SQL'") == Texts{"SELECT 1", "SELECT 2"});
  CHECK(split_texts("SELECT 1 \\; SELECT 2\n\\g\nSELECT 3") == Texts{"SELECT 1", "SELECT 2", "SELECT 3"});
}

TEST_CASE("the use of a variable that psql would replace is refused, other colons are not") {
  CHECK_THAT(refusal("\\set owner app\nALTER TABLE t OWNER TO :owner;"),
             Contains("a.sql:2:24: the psql variable"));
  CHECK_THAT(refusal("\\set who app\nSELECT :'who';"), Contains("\"who\""));
  CHECK(split_texts("\\set int 1\nSELECT '1'::int, a[1:2] FROM t WHERE x = :other").size() == 1);
}

TEST_CASE("statements that the server refuses inside a transaction are marked") {
  const auto statements =
      split_sql("CREATE INDEX i ON t (a); CREATE UNIQUE INDEX CONCURRENTLY i ON t (a);", "a.sql");
  CHECK(statements[0].in_transaction);
  CHECK_FALSE(statements[1].in_transaction);
}
