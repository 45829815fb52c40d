#include "tests/server/kind_cases.h"

namespace plumbline::testing {

namespace {

#define ALTER_ROUTINE(what, name)                                                       \
  "ALTER " what " " name " SECURITY DEFINER SET work_mem = '1MB'; ALTER " what " " name \
  " DEPENDS ON EXTENSION plpgsql;"                                                      \
  "ALTER " what " " name " OWNER TO kt_owner; GRANT EXECUTE ON " what " " name          \
  " TO kt_reader;"                                                                      \
  "COMMENT ON " what " " name " IS 'x'"

constexpr KindCase cases[] = {
    {"function public.f(integer)",
     "arguments volatility strict security_definer leakproof parallel cost settings body owner privileges "
     "comment"
     " depends_on_extension",
     "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
     "CREATE OR REPLACE FUNCTION f(a int DEFAULT 7) RETURNS int IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE "
     "COST 7"
     " LANGUAGE sql AS 'SELECT 2';" ALTER_ROUTINE("FUNCTION", "f(int)")},
    {"function public.f_returns(integer)", "returns rows",
     "CREATE FUNCTION f_returns(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
     "DROP FUNCTION f_returns; CREATE FUNCTION f_returns(a int) RETURNS SETOF int ROWS 7 LANGUAGE sql AS "
     "'SELECT 1'"},
    {"function public.f_language()", "language body",
     "CREATE FUNCTION f_language() RETURNS int LANGUAGE sql AS 'SELECT 1'",
     "CREATE OR REPLACE FUNCTION f_language() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'"},
    {"function public.f_window()", "window",
     "CREATE FUNCTION f_window() RETURNS bigint LANGUAGE internal AS 'window_row_number'",
     "DROP FUNCTION f_window(); CREATE FUNCTION f_window() RETURNS bigint WINDOW LANGUAGE internal AS "
     "'window_row_number'"},
    {"function public.f_support(integer)", "support",
     "CREATE FUNCTION f_support(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
     "ALTER FUNCTION f_support(int) SUPPORT generate_series_int4_support"},
    {"function public.f_transform(integer)", "transforms",
     "CREATE TRANSFORM FOR int LANGUAGE plpgsql (FROM SQL WITH FUNCTION prsd_lextype(internal));"
     "CREATE FUNCTION f_transform(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
     "CREATE OR REPLACE FUNCTION f_transform(int) RETURNS int TRANSFORM FOR TYPE int LANGUAGE plpgsql AS"
     " 'BEGIN RETURN 1; END'"},
    {"function public.f_library()", "library body",
     "CREATE FUNCTION f_library() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', "
     "'plpgsql_call_handler'",
     "CREATE OR REPLACE FUNCTION f_library() RETURNS language_handler LANGUAGE c AS 'plpgsql', "
     "'plpgsql_call_handler';"
     "UPDATE pg_proc SET prosrc = 'other' WHERE proname = 'f_library'"},
    {"function public.f_sql()", "sql_body body",
     "CREATE FUNCTION f_sql() RETURNS int LANGUAGE sql AS 'SELECT 1'",
     "CREATE OR REPLACE FUNCTION f_sql() RETURNS int LANGUAGE sql RETURN 1", 14},

    {"procedure public.pr(integer)",
     "arguments security_definer settings body owner privileges comment depends_on_extension",
     "CREATE PROCEDURE pr(a int) LANGUAGE sql AS 'SELECT 1'",
     "CREATE OR REPLACE PROCEDURE pr(a int DEFAULT 7) LANGUAGE sql AS 'SELECT 2';" ALTER_ROUTINE("PROCEDURE",
                                                                                                 "pr(int)")},
    {"procedure public.pr_language()", "language", "CREATE PROCEDURE pr_language() LANGUAGE sql AS ''",
     "CREATE OR REPLACE PROCEDURE pr_language() LANGUAGE plpgsql AS 'BEGIN END'"},
    {"procedure public.pr_sql()", "sql_body", "CREATE PROCEDURE pr_sql() LANGUAGE sql AS 'SELECT 1'",
     "CREATE OR REPLACE PROCEDURE pr_sql() LANGUAGE sql BEGIN ATOMIC SELECT 1; END", 14},

    {"aggregate public.ag(integer)",
     "transition_function transition_space initial_value final_function final_function_extra "
     "final_function_modifies"
     " combine_function moving_transition_function moving_inverse_function moving_transition_type"
     " moving_transition_space moving_initial_value moving_final_function moving_final_function_extra"
     " moving_final_function_modifies sort_operator parallel owner privileges comment returns",
     "CREATE FUNCTION ag_final(int, int) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';"
     "CREATE AGGREGATE ag(int) (SFUNC = int4pl, STYPE = int)",
     "DROP AGGREGATE ag(int); CREATE AGGREGATE ag(int) (SFUNC = int4larger, STYPE = int, SSPACE = 7, "
     "INITCOND = '1',"
     " FINALFUNC = ag_final, FINALFUNC_EXTRA, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = int4pl, MSFUNC = "
     "int4pl,"
     " MINVFUNC = int4mi, MSTYPE = int, MSSPACE = 7, MINITCOND = '2', MFINALFUNC = ag_final, "
     "MFINALFUNC_EXTRA,"
     " MFINALFUNC_MODIFY = READ_WRITE, SORTOP = >, PARALLEL = SAFE);"
     "ALTER AGGREGATE ag(int) OWNER TO kt_owner; GRANT EXECUTE ON FUNCTION ag(int) TO kt_reader;"
     "COMMENT ON AGGREGATE ag(int) IS 'x'"},
    {"aggregate public.ag_type(integer)", "transition_type transition_function",
     "CREATE FUNCTION ag_type_step(bigint, int) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';"
     "CREATE AGGREGATE ag_type(int) (SFUNC = int4pl, STYPE = int)",
     "DROP AGGREGATE ag_type(int); CREATE AGGREGATE ag_type(int) (SFUNC = ag_type_step, STYPE = bigint)"},
    {"aggregate public.ag_serial(numeric)", "serial_function deserial_function combine_function",
     "CREATE AGGREGATE ag_serial(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, FINALFUNC = "
     "numeric_avg)",
     "DROP AGGREGATE ag_serial(numeric); CREATE AGGREGATE ag_serial(numeric) (SFUNC = numeric_avg_accum, "
     "STYPE ="
     " internal, FINALFUNC = numeric_avg, COMBINEFUNC = numeric_avg_combine, SERIALFUNC = "
     "numeric_avg_serialize,"
     " DESERIALFUNC = numeric_avg_deserialize)"},
    {"aggregate public.ag_ordered(double precision, anyelement)", "aggregate_kind arguments direct_arguments",
     "CREATE FUNCTION ag_step(bigint, double precision, anyelement) RETURNS bigint LANGUAGE sql AS 'SELECT "
     "1::bigint';"
     "CREATE FUNCTION ag_step(bigint, anyelement) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';"
     "CREATE AGGREGATE ag_ordered(double precision, anyelement) (SFUNC = ag_step, STYPE = bigint)",
     "DROP AGGREGATE ag_ordered(double precision, anyelement); CREATE AGGREGATE ag_ordered(double precision "
     "ORDER BY"
     " anyelement) (SFUNC = ag_step, STYPE = bigint)"},

    {"event trigger e", "event tags function enabled owner comment",
     "CREATE FUNCTION e1() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
     "CREATE FUNCTION e2() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
     "CREATE EVENT TRIGGER e ON ddl_command_start WHEN TAG IN ('CREATE COLLATION') EXECUTE FUNCTION e1()",
     "DROP EVENT TRIGGER e; CREATE EVENT TRIGGER e ON ddl_command_end WHEN TAG IN ('DROP COLLATION') EXECUTE "
     "FUNCTION"
     " e2(); ALTER EVENT TRIGGER e DISABLE; ALTER EVENT TRIGGER e OWNER TO kt_super; COMMENT ON EVENT "
     "TRIGGER e IS 'x'"},
};

#undef ALTER_ROUTINE

}  // namespace

std::span<const KindCase> routine_cases() { return cases; }

}  // namespace plumbline::testing
