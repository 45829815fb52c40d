#include "tests/server/kind_cases.h"

namespace plumbline::testing {

namespace {

#define OWNED(what, name)                                                                                  \
  "ALTER " what " " name " OWNER TO kt_owner; REVOKE USAGE ON TYPE " name " FROM PUBLIC; COMMENT ON " what \
  " " name " IS 'x';"
#define BASE_FUNCTIONS(name)                                                                            \
  "CREATE TYPE " name "; CREATE OR REPLACE FUNCTION " name "_in(cstring) RETURNS " name                 \
  " LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE OR REPLACE FUNCTION " name "_out(" name      \
  ") RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE OR REPLACE FUNCTION " name \
  "_in2(cstring) RETURNS " name                                                                         \
  " LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE OR REPLACE FUNCTION " name "_out2(" name     \
  ") RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE OR REPLACE FUNCTION " name \
  "_receive(internal) RETURNS " name                                                                    \
  " LANGUAGE internal IMMUTABLE STRICT AS 'int4recv'; CREATE OR REPLACE FUNCTION " name "_send(" name   \
  ") RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'int4send'; CREATE OR REPLACE FUNCTION " name  \
  "_modin(cstring[]) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodin'; CREATE OR "   \
  "REPLACE "                                                                                            \
  "FUNCTION " name                                                                                      \
  "_modout(int) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodout'; CREATE OR "   \
  "REPLACE "                                                                                            \
  "FUNCTION " name                                                                                      \
  "_analyze(internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'range_typanalyze';"

constexpr KindCase cases[] = {
    {"enum public.en", "values owner privileges comment", "CREATE TYPE en AS ENUM ('a')",
     "ALTER TYPE en ADD VALUE 'b';" OWNED("TYPE", "en")},
    {"domain public.dom", "not_null default owner privileges comment", "CREATE DOMAIN dom AS text",
     "ALTER DOMAIN dom SET NOT NULL; ALTER DOMAIN dom SET DEFAULT 'x';" OWNED("DOMAIN", "dom")},
    {"domain public.dom_name", "not_null_name", "CREATE DOMAIN dom_name AS text NOT NULL",
     "ALTER DOMAIN dom_name RENAME CONSTRAINT dom_name_not_null TO given", 17},
    {"domain public.dom_type", "type collation", "CREATE DOMAIN dom_type AS text",
     "DROP DOMAIN dom_type; CREATE DOMAIN dom_type AS varchar(7) COLLATE \"C\""},
    {"constraint public.dom_check.k", "of_domain",
     "CREATE TABLE dom_check (a int, CONSTRAINT k CHECK (a > 0))",
     "DROP TABLE dom_check; CREATE DOMAIN dom_check AS int CONSTRAINT k CHECK (VALUE > 0)"},
    {"composite type public.co", "attributes owner privileges comment attribute_comments",
     "CREATE TYPE co AS (a int)",
     "ALTER TYPE co ADD ATTRIBUTE b int; COMMENT ON COLUMN co.a IS 'x';" OWNED("TYPE", "co")},
    {"range type public.ra", "operator_class collation owner privileges comment",
     "CREATE TYPE ra AS RANGE (SUBTYPE = text)",
     "DROP TYPE ra; CREATE TYPE ra AS RANGE (SUBTYPE = text, SUBTYPE_OPCLASS = text_pattern_ops, COLLATION = "
     "\"C\");" OWNED("TYPE", "ra")},
    {"range type public.ra_sub", "subtype subtype_difference", "CREATE TYPE ra_sub AS RANGE (SUBTYPE = int)",
     "DROP TYPE ra_sub; CREATE TYPE ra_sub AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi)"},
    {"range type public.ra_multi", "multirange", "CREATE TYPE ra_multi AS RANGE (SUBTYPE = int)",
     "DROP TYPE ra_multi; CREATE TYPE ra_multi AS RANGE (SUBTYPE = int, MULTIRANGE_TYPE_NAME = ra_many)", 14},
    {"range type public.ra_canon", "canonical", "CREATE TYPE ra_canon AS RANGE (SUBTYPE = int)",
     "DROP TYPE ra_canon; CREATE TYPE ra_canon; CREATE FUNCTION ra_canonical(ra_canon) RETURNS ra_canon "
     "LANGUAGE internal"
     " IMMUTABLE STRICT AS 'int4range_canonical'; CREATE TYPE ra_canon AS RANGE (SUBTYPE = int, CANONICAL ="
     " ra_canonical)"},

    {"base type public.b1",
     "input output receive send typmod_in typmod_out analyze category preferred delimiter default"
     " owner privileges comment storage",
     BASE_FUNCTIONS("b1") "CREATE TYPE b1 (INPUT = b1_in, OUTPUT = b1_out)",
     "DROP TYPE b1 CASCADE;" BASE_FUNCTIONS("b1") "CREATE TYPE b1 (INPUT = b1_in2, OUTPUT = b1_out2, RECEIVE "
                                                  "= b1_receive, SEND = b1_send, TYPMOD_IN = b1_modin,"
                                                  " TYPMOD_OUT = b1_modout, ANALYZE = b1_analyze, CATEGORY = "
                                                  "'N', PREFERRED, DELIMITER = ';', DEFAULT = '7',"
                                                  " STORAGE = main);" OWNED("TYPE", "b1")},
    {"base type public.b2", "length passed_by_value alignment",
     BASE_FUNCTIONS("b2") "CREATE TYPE b2 (INPUT = b2_in, OUTPUT = b2_out)",
     "DROP TYPE b2 CASCADE;" BASE_FUNCTIONS("b2") "CREATE TYPE b2 (INPUT = b2_in, OUTPUT = b2_out, "
                                                  "INTERNALLENGTH = 2, PASSEDBYVALUE, ALIGNMENT = int2)"},
    {"base type public.b3", "element collatable",
     BASE_FUNCTIONS("b3") "CREATE TYPE b3 (INPUT = b3_in, OUTPUT = b3_out)",
     "DROP TYPE b3 CASCADE;" BASE_FUNCTIONS("b3") "CREATE TYPE b3 (INPUT = b3_in, OUTPUT = b3_out, "
                                                  "INTERNALLENGTH = 8, ELEMENT = int2, COLLATABLE = true)"},
    {"base type public.b4", "subscript",
     BASE_FUNCTIONS("b4") "CREATE TYPE b4 (INPUT = b4_in, OUTPUT = b4_out)",
     "DROP TYPE b4 CASCADE;" BASE_FUNCTIONS(
         "b4") "CREATE TYPE b4 (INPUT = b4_in, OUTPUT = b4_out, SUBSCRIPT = jsonb_subscript_handler)",
     14},
    {"base type public.b5", "shell", BASE_FUNCTIONS("b5"), "CREATE TYPE b5 (INPUT = b5_in, OUTPUT = b5_out)"},

    {"collation public.c1", "lc_collate lc_ctype owner comment", "CREATE COLLATION c1 (LOCALE = 'C')",
     "DROP COLLATION c1; CREATE COLLATION c1 (LOCALE = 'POSIX'); ALTER COLLATION c1 OWNER TO kt_owner;"
     "COMMENT ON COLLATION c1 IS 'x'"},
    {"collation public.c2", "provider locale deterministic", "CREATE COLLATION c2 (LOCALE = 'C')",
     "DROP COLLATION c2; CREATE COLLATION c2 (PROVIDER = icu, LOCALE = 'en', DETERMINISTIC = false)"},
    {"collation public.c3", "rules", "CREATE COLLATION c3 (PROVIDER = icu, LOCALE = 'und')",
     "DROP COLLATION c3; CREATE COLLATION c3 (PROVIDER = icu, LOCALE = 'und', RULES = '&a < b')", 16},

    {"operator public.<<<(integer, text)", "function restriction_estimator join_estimator owner comment",
     "CREATE FUNCTION o1(int, text) RETURNS bool LANGUAGE sql AS 'SELECT true';"
     "CREATE FUNCTION o2(int, text) RETURNS bool LANGUAGE sql AS 'SELECT true';"
     "CREATE OPERATOR <<< (LEFTARG = int, RIGHTARG = text, FUNCTION = o1)",
     "DROP OPERATOR <<< (int, text); CREATE OPERATOR <<< (LEFTARG = int, RIGHTARG = text, FUNCTION = o2, "
     "RESTRICT ="
     " eqsel, JOIN = eqjoinsel); ALTER OPERATOR <<< (int, text) OWNER TO kt_owner;"
     "COMMENT ON OPERATOR <<< (int, text) IS 'x'"},
    {"operator public.===(integer, integer)", "commutator negator hashes merges",
     "CREATE FUNCTION o3(int, int) RETURNS bool LANGUAGE sql AS 'SELECT true';"
     "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = o3)",
     "DROP OPERATOR === (int, int); CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = o3, "
     "COMMUTATOR = ===,"
     " NEGATOR = !==, HASHES, MERGES)"},
    {"operator public.@@@(integer, integer)", "returns",
     "CREATE FUNCTION o4(int, int) RETURNS int LANGUAGE sql AS 'SELECT 1';"
     "CREATE OPERATOR @@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = o3)",
     "DROP OPERATOR @@@ (int, int); CREATE OPERATOR @@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = o4)"},
    {"operator family public.fam USING btree", "operators functions owner comment",
     "CREATE OPERATOR FAMILY fam USING btree",
     "ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 1 < (int4, int8), FUNCTION 1 btint48cmp(int4, int8);"
     "ALTER OPERATOR FAMILY fam USING btree OWNER TO kt_owner; COMMENT ON OPERATOR FAMILY fam USING btree IS "
     "'x'"},
    {"operator class public.oc USING btree", "type operators functions owner comment",
     "CREATE OPERATOR CLASS oc FOR TYPE int4 USING btree AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int4, int4)",
     "DROP OPERATOR FAMILY oc USING btree; CREATE OPERATOR CLASS oc FOR TYPE int8 USING btree AS OPERATOR 3 "
     "=,"
     " FUNCTION 1 btint8cmp(int8, int8); ALTER OPERATOR CLASS oc USING btree OWNER TO kt_owner;"
     "COMMENT ON OPERATOR CLASS oc USING btree IS 'x'"},
    {"operator class public.oc2 USING gist", "default family storage",
     "CREATE TYPE oc2_type AS (a int); CREATE OPERATOR CLASS oc2 FOR TYPE oc2_type USING gist AS STORAGE box",
     "DROP OPERATOR FAMILY oc2 USING gist; CREATE OPERATOR FAMILY oc2_family USING gist;"
     "CREATE OPERATOR CLASS oc2 DEFAULT FOR TYPE oc2_type USING gist FAMILY oc2_family AS STORAGE point"},
    {"cast (public.cast_type AS integer)", "function context comment",
     "CREATE TYPE cast_type AS (a int); CREATE FUNCTION cast1(cast_type) RETURNS int LANGUAGE sql AS 'SELECT "
     "1';"
     "CREATE FUNCTION cast2(cast_type) RETURNS int LANGUAGE sql AS 'SELECT 1';"
     "CREATE CAST (cast_type AS int) WITH FUNCTION cast1(cast_type)",
     "DROP CAST (cast_type AS int); CREATE CAST (cast_type AS int) WITH FUNCTION cast2(cast_type) AS "
     "ASSIGNMENT;"
     "COMMENT ON CAST (cast_type AS int) IS 'x'"},
    {"cast (public.cast_type AS text)", "method",
     "CREATE FUNCTION cast3(cast_type) RETURNS text LANGUAGE sql AS 'SELECT $$$$';"
     "CREATE CAST (cast_type AS text) WITH FUNCTION cast3(cast_type)",
     "DROP CAST (cast_type AS text); CREATE CAST (cast_type AS text) WITH INOUT"},
    {"transform FOR integer LANGUAGE sql", "from_sql to_sql comment",
     "CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))",
     "DROP TRANSFORM FOR int LANGUAGE sql; CREATE TRANSFORM FOR int LANGUAGE sql (TO SQL WITH FUNCTION"
     " int4recv(internal)); COMMENT ON TRANSFORM FOR int LANGUAGE sql IS 'x'"},
};

#undef OWNED
#undef BASE_FUNCTIONS

}  // namespace

std::span<const KindCase> type_cases() { return cases; }

}  // namespace plumbline::testing
