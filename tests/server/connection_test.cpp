// What a session gives back in every situation, to the byte: rows, notices, all fields of an error, and the
// state that is left. The records in tests/golden/connection are those of the driver that was libpq alone.
#include "postgres/connection.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/server/recorder.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

constexpr std::string_view failing_function = R"(
CREATE FUNCTION inner_one() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'it is %', 'broken' USING DETAIL = 'The detail.', HINT = 'The hint.', ERRCODE = 'P0042';
END $$;
CREATE FUNCTION outer_one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN inner_one(); END $$;)";

// SQLSTATEs that libpqxx turns into exceptions of types of their own, among them such that say "connection
// lost".
constexpr std::string_view sqlstates[] = {
    "03000", "08001", "08006", "0A000", "22012", "23001", "23502", "23503", "23505",
    "23514", "23P01", "24000", "26000", "28P01", "34000", "40000", "40001", "40003",
    "40P01", "42501", "42601", "42703", "42883", "42P01", "53100", "53200", "53300",
    "53400", "55P03", "57014", "57P01", "58030", "P0001", "P0002", "P0003", "XX000"};

constexpr std::string_view client_encodings[] = {
    "BIG5",    "EUC_CN",     "EUC_JP",        "EUC_JIS_2004", "EUC_KR",     "EUC_TW",     "GB18030",
    "GBK",     "ISO_8859_5", "JOHAB",         "KOI8R",        "KOI8U",      "LATIN1",     "LATIN2",
    "LATIN3",  "LATIN4",     "LATIN5",        "LATIN6",       "LATIN7",     "LATIN8",     "LATIN9",
    "LATIN10", "SJIS",       "UHC",           "SQL_ASCII",    "UTF8",       "WIN866",     "WIN874",
    "WIN1250", "WIN1251",    "WIN1252",       "WIN1253",      "WIN1254",    "WIN1255",    "WIN1256",
    "WIN1257", "WIN1258",    "MULE_INTERNAL", "ISO_8859_6",   "ISO_8859_7", "ISO_8859_8", "SHIFT_JIS_2004"};

void raise_every_sqlstate(Recorder& r) {
  for (const std::string_view state : sqlstates) {
    r.execute("DO $$ BEGIN RAISE EXCEPTION 'raised' USING ERRCODE = '" + std::string(state) + "'; END $$");
  }
}

}  // namespace

TEST_CASE("rows come as they always did") {
  check_situations(
      "rows.txt",
      {{"values, NULLs and empty texts", [](Recorder& r) { r.query("SELECT 1, NULL, '', 't'::bool, 1.50"); }},
       {"texts beyond ASCII",
        [](Recorder& r) { r.query("SELECT 'ä€😀', U&'\\0301', E'tab\\there', E'line\\nend'"); }},
       {"no row", [](Recorder& r) { r.query("SELECT 1 WHERE false"); }},
       {"no column", [](Recorder& r) { r.query("SELECT FROM generate_series(1, 2)"); }},
       {"a statement without rows", [](Recorder& r) { r.query("CREATE TABLE t (a int)"); }},
       {"an empty query",
        [](Recorder& r) {
          for (const std::string_view sql : {"", ";", " ", "-- only a comment"}) {
            r.query(sql);
            r.execute(sql);
          }
        }},
       {"several result sets, of which the last counts",
        [](Recorder& r) { r.query("SELECT 1; SELECT 2, 3; SELECT 4"); }},
       {"rows and then a command", [](Recorder& r) { r.query("SELECT 1; CREATE TABLE t ()"); }},
       {"a text that ends at a zero byte",
        [](Recorder& r) { r.query(std::string_view("SELECT 1\0, 2", 12)); }},
       {"a very large field",
        [](Recorder& r) {
          r.query("SELECT repeat('x', 40000000), 'y'");
          r.stream("SELECT repeat('x', 40000000), 'y'");
          r.execute("CREATE TABLE t (a text)");
          r.copy_in("COPY t FROM STDIN", std::string(30000000, 'z') + "\n");
          r.query("SELECT length(a), a FROM t");
        }},
       {"many columns",
        [](Recorder& r) {
          std::string list = "0";
          for (int i = 1; i < 200; ++i) list += "," + std::to_string(i % 10);
          r.query("SELECT " + list);
          r.stream("SELECT " + list);
        }},
       {"the first value",
        [](Recorder& r) {
          r.value("SELECT 'one', 'two'");
          r.value("SELECT NULL");
          r.value("SELECT 1 WHERE false");
          r.value("VALUES (1), (2)");
        }},
       {"in every encoding that a client may have",
        [](Recorder& r) {
          r.execute("CREATE TABLE t AS SELECT U&'caf\\00e9' AS a");
          for (const std::string_view name : client_encodings) {
            r.execute("SET client_encoding = " + std::string(name));
            r.query("SELECT 1, a FROM t");
          }
          r.execute("RESET client_encoding");
        }},
       {"a prepared statement and a cursor", [](Recorder& r) {
          r.execute("PREPARE p (int) AS SELECT $1 + 1; BEGIN; DECLARE c CURSOR FOR VALUES (1), (2), (3)");
          r.query("EXECUTE p (41)");
          r.query("FETCH 2 FROM c");
          r.query("FETCH ALL FROM c");
          r.execute("COMMIT");
        }}});
}

TEST_CASE("rows of a stream come as they always did") {
  check_situations(
      "stream.txt",
      {{"tabs, line ends, backslashes, NULL and what looks like it",
        [](Recorder& r) {
          r.stream(
              R"(SELECT E'a\tb', E'c\nd', E'e\\f', NULL, '\N', '', E'\b\f\r\v', '\t', '\.', 'ä€😀', E'\\')");
          r.stream("VALUES (NULL, NULL), ('', ''), (NULL, ''), ('', NULL)");
          r.stream("VALUES (NULL), (''), ('\\N'), ('\\NN'), ('\\'), (E'\\n')");
        }},
       {"no row", [](Recorder& r) { r.stream("SELECT 1 WHERE false"); }},
       {"no column", [](Recorder& r) { r.stream("SELECT FROM generate_series(1, 2)"); }},
       {"many rows",
        [](Recorder& r) {
          long rows = 0, sum = 0;
          r.connection().stream("SELECT i, 2 * i FROM generate_series(1, 200000) i", [&](const Row& row) {
            ++rows;
            sum += std::stol(std::string(row[1])) - std::stol(std::string(row[0]));
          });
          r.note(std::to_string(rows) + " rows, " + std::to_string(sum));
        }},
       {"a table that is missing", [](Recorder& r) { r.stream("SELECT 1 FROM missing"); }},
       {"a failure after some rows",
        [](Recorder& r) { r.stream("SELECT 1 / (5 - i) FROM generate_series(1, 9) i"); }},
       {"a failure after many rows",
        [](Recorder& r) {
          long rows = 0;
          r.attempt("stream", [&] {
            r.connection().stream("SELECT 1 / (50000 - i), 'x' FROM generate_series(1, 90000) i",
                                  [&](const Row&) { ++rows; });
          });
          r.note(std::to_string(rows) + " rows");
        }},
       {"no SELECT",
        [](Recorder& r) {
          r.stream("CREATE TABLE t (a int)");
          r.stream("TABLE missing");
          r.stream("");
          r.stream("SELECT 1; SELECT 2");
          r.execute("CREATE TABLE t (a int)");
          r.stream("INSERT INTO t VALUES (1), (2)");
          r.stream("INSERT INTO t VALUES (1), (2) RETURNING a");
          r.query("SELECT count(*) FROM t");
        }},
       {"a failure within a transaction",
        [](Recorder& r) {
          r.execute("BEGIN");
          r.stream("SELECT 1");
          r.stream("SELECT 1 / (5 - i) FROM generate_series(1, 9) i");
          r.stream("SELECT 1");
        }},
       {"a time-out", [](Recorder& r) {
          r.execute("SET statement_timeout = 50");
          r.stream("SELECT pg_sleep(20)");
          r.execute("RESET statement_timeout");
        }}});
}

TEST_CASE("errors say what they always said") {
  check_situations(
      "errors.txt",
      {{"a division by zero",
        [](Recorder& r) {
          r.query("SELECT 1/0");
          r.execute("SELECT 1/0");
          r.value("SELECT 1/0");
        }},
       {"in the middle of several statements",
        [](Recorder& r) {
          r.execute("CREATE TABLE one (); SELECT 1/0; CREATE TABLE two ()");
          r.query("SELECT to_regclass('one') IS NULL, to_regclass('two') IS NULL");
          r.execute("CREATE TABLE one (); COMMIT; SELECT 1/0; CREATE TABLE two ()");
          r.query("SELECT to_regclass('one') IS NULL, to_regclass('two') IS NULL");
        }},
       {"a syntax error behind texts beyond ASCII", [](Recorder& r) { r.query("SELECT 'äöü', 'ß' FRON t"); }},
       {"a syntax error at the end", [](Recorder& r) { r.execute("CREATE TABLE t ("); }},
       {"a column, a function and a type that are missing",
        [](Recorder& r) {
          r.query("SELECT a FROM (SELECT 1 AS b) x");
          r.query("SELECT missing(1)");
          r.query("SELECT 1::missing");
        }},
       {"a missing column with a hint",
        [](Recorder& r) { r.query("SELECT x.nama FROM (SELECT 1 AS name) x"); }},
       {"an error with detail, hint and context",
        [](Recorder& r) {
          r.execute(failing_function);
          r.query("SELECT outer_one()");
          r.stream("SELECT outer_one()");
        }},
       {"an error within the text of a function",
        [](Recorder& r) {
          r.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT missing'");
          r.execute("DO 'BEGIN EXECUTE ''SELECT 1 FRON x''; END'");
        }},
       {"a message of several lines",
        [](Recorder& r) { r.execute("DO $$ BEGIN RAISE E'one\\n  two\\n\\nthree'; END $$"); }},
       {"an empty message", [](Recorder& r) { r.execute("DO $$ BEGIN RAISE EXCEPTION ''; END $$"); }},
       {"rights that are lacking",
        [](Recorder& r) {
          r.execute("CREATE TABLE t (); GRANT USAGE ON SCHEMA s TO pg_monitor; SET ROLE pg_monitor");
          r.query("SELECT * FROM t");
          r.execute("RESET ROLE");
        }},
       {"a row that is there already",
        [](Recorder& r) {
          r.execute("CREATE TABLE t (a int PRIMARY KEY, b int CHECK (b > 0)); INSERT INTO t VALUES (1, 1)");
          r.execute("INSERT INTO t VALUES (1, 1)");
          r.execute("INSERT INTO t VALUES (2, 0)");
          r.execute("INSERT INTO t VALUES (NULL, 1)");
        }},
       {"bytes that are no text",
        [](Recorder& r) {
          r.query("SELECT '\xff'");
          r.execute("CREATE TABLE \"\xc3\" ()");
        }},
       {"every SQLSTATE while the connection is well", raise_every_sqlstate},
       {"a statement time-out",
        [](Recorder& r) {
          r.execute("SET statement_timeout = 50");
          r.query("SELECT pg_sleep(20)");
          r.execute("RESET statement_timeout");
        }},
       {"a cancelled statement",
        [](Recorder& r) { r.query("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)"); }},
       {"a lock time-out", [](Recorder& r) {
          r.execute("CREATE TABLE t (); SET lock_timeout = 50");
          r.other().execute("BEGIN; LOCK s.t");
          r.query("SELECT * FROM t");
          r.other().execute("ROLLBACK");
        }}});
}

TEST_CASE("transactions are left as they always were") {
  check_situations("transactions.txt",
                   {{"an open one",
                     [](Recorder& r) {
                       r.execute("BEGIN");
                       r.query("SELECT 1");
                     }},
                    {"a failed one",
                     [](Recorder& r) {
                       r.execute("BEGIN");
                       r.execute("SELECT 1/0");
                       r.query("SELECT 1");
                       r.copy_in("COPY t FROM STDIN", "1\n");
                     }},
                    {"a failed one that is rolled back",
                     [](Recorder& r) {
                       r.execute("BEGIN; SAVEPOINT p");
                       r.execute("SELECT 1/0");
                       r.execute("ROLLBACK TO p");
                       r.query("SELECT 1");
                       r.execute("ROLLBACK");
                     }},
                    {"a failed one that is committed",
                     [](Recorder& r) {
                       r.execute("BEGIN; SELECT 1/0");
                       r.execute("COMMIT");
                     }},
                    {"begun and committed in one text",
                     [](Recorder& r) {
                       r.execute("BEGIN; CREATE TABLE t (a int); INSERT INTO t VALUES (1); COMMIT; BEGIN");
                       r.query("SELECT * FROM t");
                     }},
                    {"a constraint that fails at the end",
                     [](Recorder& r) {
                       r.execute(
                           "CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED); BEGIN; INSERT INTO "
                           "t VALUES (1), (1)");
                       r.execute("COMMIT");
                     }},
                    {"two that cannot be serialised",
                     [](Recorder& r) {
                       r.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
                       r.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM t");
                       r.other().execute("UPDATE s.t SET a = 2");
                       r.execute("UPDATE t SET a = 3");
                     }},
                    {"what cannot run in one",
                     [](Recorder& r) {
                       r.execute("BEGIN");
                       r.execute("VACUUM");
                       r.execute("ROLLBACK; VACUUM pg_am");
                       r.execute("VACUUM pg_am");
                     }},
                    {"COMMIT without one", [](Recorder& r) {
                       r.execute("COMMIT");
                       r.execute("ROLLBACK");
                     }}});
}

TEST_CASE("notices come as they always did") {
  check_situations(
      "notices.txt",
      {{"of each severity",
        [](Recorder& r) {
          r.execute("SET client_min_messages = debug1");
          r.execute(
              "DO $$ BEGIN RAISE NOTICE 'a'; RAISE WARNING E'b\\nc'; RAISE INFO 'd'; RAISE LOG 'e'; "
              "RAISE DEBUG 'f'; END $$");
          r.execute("RESET client_min_messages");
        }},
       {"between rows and before an error",
        [](Recorder& r) {
          r.execute(
              "CREATE FUNCTION say(a int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'at %', a; "
              "RETURN 1 / (3 - a); END $$");
          r.query("SELECT say(i) FROM generate_series(1, 2) i");
          r.query("SELECT say(i) FROM generate_series(1, 4) i");
          r.stream("SELECT say(i) FROM generate_series(1, 2) i");
          r.stream("SELECT say(i) FROM generate_series(1, 4) i");
          r.execute("CREATE TABLE t (a int CHECK (say(a) = 1))");
          r.copy_in("COPY t FROM STDIN", "1\n2\n");
        }},
       {"without a listener",
        [](Recorder& r) {
          r.connection().on_notice(nullptr);
          r.execute("DO $$ BEGIN RAISE NOTICE 'a'; END $$");
        }},
       {"notifications are nobody's", [](Recorder& r) {
          r.execute("LISTEN here; NOTIFY here, 'text'");
          r.other().execute("NOTIFY here, 'from the other'");
          r.query("SELECT 1");
          r.stream("SELECT 1");
          r.execute("NOTIFY here");
        }}});
}

TEST_CASE("data that is sent comes to what it always did") {
  check_situations("copy.txt",
                   {{"escapes, NULL and no last line end",
                     [](Recorder& r) {
                       r.execute("CREATE TABLE t (a int, b text)");
                       r.copy_in("COPY t FROM STDIN", "1\t\\N\n2\t\n3\ta\\tb\\nc\\\\d\n4\tä€😀\n5\tlast");
                       r.query("SELECT * FROM t ORDER BY a");
                     }},
                    {"nothing at all",
                     [](Recorder& r) {
                       r.execute("CREATE TABLE t (a int)");
                       r.copy_in("COPY t FROM STDIN", "");
                       r.query("SELECT * FROM t");
                     }},
                    {"lines after the end mark",
                     [](Recorder& r) {
                       r.execute("CREATE TABLE t (a int)");
                       r.copy_in("COPY t FROM STDIN", "1\n\\.\n");
                       r.query("SELECT * FROM t");
                     }},
                    {"bad data",
                     [](Recorder& r) {
                       r.execute("CREATE TABLE t (a int, b text)");
                       r.copy_in("COPY t FROM STDIN", "1\tx\nfoo\ty\n");
                       r.copy_in("COPY t FROM STDIN", "1\n");
                       r.copy_in("COPY t FROM STDIN", "1\tx\ty\n");
                       r.copy_in("COPY t FROM STDIN", "1\t\xff\n");
                       r.query("SELECT * FROM t");
                     }},
                    {"a table or a column that is missing",
                     [](Recorder& r) {
                       r.copy_in("COPY missing FROM STDIN", "1\n");
                       r.execute("CREATE TABLE t (a int)");
                       r.copy_in("COPY t (b) FROM STDIN", "1\n");
                       r.copy_in("COPY t FRON STDIN", "1\n");
                     }},
                    {"a row that is there already",
                     [](Recorder& r) {
                       r.execute("CREATE TABLE t (a int PRIMARY KEY)");
                       r.copy_in("COPY t FROM STDIN", "1\n2\n1\n");
                     }},
                    {"within a transaction that fails",
                     [](Recorder& r) {
                       r.execute("CREATE TABLE t (a int); BEGIN");
                       r.copy_in("COPY t FROM STDIN", "1\n");
                       r.copy_in("COPY t FROM STDIN", "x\n");
                     }},
                    {"a statement that takes none",
                     [](Recorder& r) {
                       r.copy_in("CREATE TABLE t (a int)", "1\n");
                       r.copy_in("SELECT 1", "1\n");
                       r.copy_in("", "1\n");
                     }},
                    {"COPY FROM STDIN given to execute and to query",
                     [](Recorder& r) {
                       r.execute("CREATE TABLE t (a int)");
                       r.execute("COPY t FROM STDIN");
                       r.note(r.connection().in_transaction() ? "in a transaction" : "not in a transaction");
                       r.execute("INSERT INTO t VALUES (2)");
                       r.query("COPY t FROM STDIN");
                       r.query("SELECT * FROM t");
                     }},
                    {"COPY TO STDOUT given to query and to execute",
                     [](Recorder& r) {
                       r.query("COPY (SELECT 1) TO STDOUT");
                       r.note(r.connection().in_transaction() ? "in a transaction" : "not in a transaction");
                       r.query("SELECT 2");
                       r.execute("COPY (SELECT i FROM generate_series(1, 100000) i) TO STDOUT");
                       r.execute("SELECT 3");
                     }},
                    {"rows that a listener refuses", [](Recorder& r) {
                       r.query_and_throw("SELECT i FROM generate_series(1, 100000) i");
                       r.query("SELECT 1");
                       r.execute("BEGIN");
                       r.query_and_throw("SELECT 1");
                       r.execute("COMMIT");
                       r.stream_and_throw("SELECT i FROM generate_series(1, 100000) i");
                       r.query("SELECT 2");
                       r.stream("SELECT 3");
                     }}});
}

TEST_CASE("a connection that is lost says so as it always did") {
  check_situations(
      "lost.txt",
      {{"in a query",
        [](Recorder& r) {
          r.query("SELECT pg_terminate_backend(pg_backend_pid())");
          r.query("SELECT 1");
          r.stream("SELECT 1");
          r.execute("SELECT 1");
          r.copy_in("COPY t FROM STDIN", "1\n");
        }},
       {"in the second of two statements",
        [](Recorder& r) { r.execute("CREATE TABLE t (); SELECT pg_terminate_backend(pg_backend_pid())"); }},
       {"at the start of a stream",
        [](Recorder& r) {
          r.stream("SELECT pg_terminate_backend(pg_backend_pid())");
          r.stream("SELECT 1");
        }},
       {"in the middle of a stream",
        [](Recorder& r) {
          long rows = 0;
          r.attempt("stream", [&] {
            r.connection().stream(
                "SELECT repeat('x', 100), CASE WHEN i = 50000 THEN pg_terminate_backend(pg_backend_pid()) "
                "END "
                "FROM generate_series(1, 90000) i",
                [&](const Row&) { ++rows; });
          });
          r.note(rows > 40000 ? "after more than 40000 rows" : "before 40000 rows");
        }},
       {"while data is sent",
        [](Recorder& r) {
          r.execute("CREATE TABLE t (a int, b bool DEFAULT pg_terminate_backend(pg_backend_pid()))");
          r.copy_in("COPY t (a) FROM STDIN", "1\n2\n");
        }},
       {"while it is idle, and then a query",
        [](Recorder& r) {
          r.kill();
          r.query("SELECT 1");
          r.query("SELECT 1");
        }},
       {"while it is idle, and then a stream",
        [](Recorder& r) {
          r.kill();
          r.stream("SELECT 1");
        }},
       {"while it is idle, and then data is sent",
        [](Recorder& r) {
          r.execute("CREATE TABLE t (a int)");
          r.kill();
          r.copy_in("COPY t FROM STDIN", "1\n");
        }},
       {"within a transaction",
        [](Recorder& r) {
          r.execute("BEGIN; CREATE TABLE t (a int)");
          r.kill();
          r.execute("COMMIT");
        }},
       {"by a time-out of idle transactions", [](Recorder& r) {
          r.execute("SET idle_in_transaction_session_timeout = 400; BEGIN");
          std::this_thread::sleep_for(std::chrono::milliseconds(900));
          r.execute("COMMIT");
        }}});
}
