#include "tests/server/kind_cases.h"

namespace plumbline::testing {

namespace {

#define SUBSCRIPTION(name, port, more)                                                                     \
  "CREATE SUBSCRIPTION " name " CONNECTION 'host=127.0.0.1 port=" port                                     \
  " dbname=x password=hidden' PUBLICATION p WITH (connect = false, enabled = false, slot_name = NONE" more \
  ");"

constexpr KindCase cases[] = {
    {"database current_database()", "connection_limit owner privileges comment security_labels", "",
     "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 50', current_database());"
     " EXECUTE format('ALTER DATABASE %I OWNER TO kt_owner', current_database());"
     " EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database());"
     " EXECUTE format('COMMENT ON DATABASE %I IS ''x''', current_database()); END $$;"
     "INSERT INTO pg_shseclabel SELECT oid, 'pg_database'::regclass, 'dummy', 'x' FROM pg_database WHERE "
     "datname ="
     " current_database()"},
    {"database setting work_mem", "value",
     "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''1MB''', current_database()); END $$",
     "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''2MB''', current_database()); END $$"},
    {"database setting FOR ROLE kt_reader app.jwt_secret", "value",
     "DO $$ BEGIN EXECUTE format('ALTER ROLE kt_reader IN DATABASE %I SET app.jwt_secret = ''hidden''',"
     " current_database()); END $$",
     "DO $$ BEGIN EXECUTE format('ALTER ROLE kt_reader IN DATABASE %I SET app.jwt_secret = ''hidden too''',"
     " current_database()); END $$"},

    {"extension plpgsql", "configuration_tables members owner comment version",
     "CREATE TABLE ext_table (a int); ALTER EXTENSION plpgsql ADD TABLE ext_table",
     "ALTER FUNCTION plpgsql_inline_handler(internal) VOLATILE COST 7; COMMENT ON EXTENSION plpgsql IS 'x';"
     "UPDATE pg_extension SET extowner = 'kt_owner'::regrole, extversion = '7', extconfig ="
     " ARRAY['ext_table'::regclass::oid], extcondition = ARRAY[''] WHERE extname = 'plpgsql'"},
    {"extension plpgsql", "in_schema", "CREATE SCHEMA s_extension",
     "UPDATE pg_extension SET extnamespace = 's_extension'::regnamespace WHERE extname = 'plpgsql'"},
    {"access method am", "type handler comment",
     "CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler",
     "DROP ACCESS METHOD am; CREATE ACCESS METHOD am TYPE INDEX HANDLER bthandler; COMMENT ON ACCESS METHOD "
     "am IS 'x'"},
    {"language lang", "handler inline validator trusted owner privileges comment procedural",
     "CREATE FUNCTION lang_handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', "
     "'plpgsql_call_handler';"
     "CREATE LANGUAGE lang HANDLER plpgsql_call_handler",
     "DROP LANGUAGE lang; CREATE TRUSTED LANGUAGE lang HANDLER lang_handler INLINE plpgsql_inline_handler "
     "VALIDATOR"
     " plpgsql_validator; ALTER LANGUAGE lang OWNER TO kt_super; REVOKE USAGE ON LANGUAGE lang FROM PUBLIC;"
     "UPDATE pg_language SET lanispl = false WHERE lanname = 'lang'; COMMENT ON LANGUAGE lang IS 'x'"},

    {"foreign-data wrapper w", "handler validator options owner privileges comment",
     "CREATE FUNCTION w_validator(text[], oid) RETURNS void LANGUAGE plpgsql AS 'BEGIN END';"
     "CREATE FUNCTION w_handler() RETURNS fdw_handler LANGUAGE internal AS 'int4in'; CREATE FOREIGN DATA "
     "WRAPPER w",
     "ALTER FOREIGN DATA WRAPPER w HANDLER w_handler VALIDATOR w_validator OPTIONS (host 'x');"
     "ALTER FOREIGN DATA WRAPPER w OWNER TO kt_super; GRANT USAGE ON FOREIGN DATA WRAPPER w TO kt_reader;"
     "COMMENT ON FOREIGN DATA WRAPPER w IS 'x'"},
    {"foreign server sv", "wrapper type version options owner privileges comment",
     "CREATE FOREIGN DATA WRAPPER w2; CREATE FOREIGN DATA WRAPPER w3; CREATE SERVER sv FOREIGN DATA WRAPPER "
     "w2",
     "DROP SERVER sv; CREATE SERVER sv TYPE 'x' VERSION '7' FOREIGN DATA WRAPPER w3 OPTIONS (api_key "
     "'hidden');"
     "ALTER SERVER sv OWNER TO kt_super; GRANT USAGE ON FOREIGN SERVER sv TO kt_reader; COMMENT ON SERVER sv "
     "IS 'x'"},
    {"user mapping sv2.kt_reader", "options",
     "CREATE SERVER sv2 FOREIGN DATA WRAPPER w2; CREATE USER MAPPING FOR kt_reader SERVER sv2 OPTIONS "
     "(password 'hidden')",
     "ALTER USER MAPPING FOR kt_reader SERVER sv2 OPTIONS (SET password 'hidden too')"},
    {"foreign table public.ft", "server options inherits owner privileges comment column_order",
     "CREATE SERVER sv3 FOREIGN DATA WRAPPER w2; CREATE TABLE ft_parent (a int);"
     "CREATE FOREIGN TABLE ft (a int, b int, c int) SERVER sv2",
     "DROP FOREIGN TABLE ft; CREATE FOREIGN TABLE ft (c int, b int, a int) SERVER sv3 OPTIONS (x 'y');"
     "ALTER FOREIGN TABLE ft INHERIT ft_parent; ALTER FOREIGN TABLE ft OWNER TO kt_super;"
     "GRANT SELECT ON ft TO kt_reader; COMMENT ON FOREIGN TABLE ft IS 'x'"},
    {"foreign table public.ft_part", "partition_of partition_bound",
     "CREATE TABLE ft_parted (a int) PARTITION BY LIST (a); CREATE FOREIGN TABLE ft_part (a int) SERVER sv2",
     "ALTER TABLE ft_parted ATTACH PARTITION ft_part FOR VALUES IN (1)"},
    {"column public.ft_part.a", "foreign_options", "", "ALTER FOREIGN TABLE ft_part ALTER a OPTIONS (x 'y')"},

    {"conversion public.cv", "source target function default owner comment",
     "CREATE CONVERSION cv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
     "DROP CONVERSION cv; CREATE DEFAULT CONVERSION cv FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;"
     "ALTER CONVERSION cv OWNER TO kt_owner; COMMENT ON CONVERSION cv IS 'x'"},
    {"text search parser public.tp", "start gettoken end headline lextypes comment",
     "CREATE FUNCTION tp_start(internal, int) RETURNS internal LANGUAGE internal STRICT AS 'prsd_start';"
     "CREATE FUNCTION tp_token(internal, internal, internal) RETURNS internal LANGUAGE internal STRICT AS"
     " 'prsd_nexttoken';"
     "CREATE FUNCTION tp_end(internal) RETURNS void LANGUAGE internal STRICT AS 'prsd_end';"
     "CREATE FUNCTION tp_types(internal) RETURNS internal LANGUAGE internal STRICT AS 'prsd_lextype';"
     "CREATE TEXT SEARCH PARSER tp (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES ="
     " prsd_lextype)",
     "DROP TEXT SEARCH PARSER tp; CREATE TEXT SEARCH PARSER tp (START = tp_start, GETTOKEN = tp_token, END = "
     "tp_end,"
     " LEXTYPES = tp_types, HEADLINE = prsd_headline); COMMENT ON TEXT SEARCH PARSER tp IS 'x'"},
    {"text search template public.tt", "init lexize comment",
     "CREATE TEXT SEARCH TEMPLATE tt (LEXIZE = dsimple_lexize)",
     "DROP TEXT SEARCH TEMPLATE tt; CREATE TEXT SEARCH TEMPLATE tt (INIT = dispell_init, LEXIZE = "
     "dispell_lexize);"
     "COMMENT ON TEXT SEARCH TEMPLATE tt IS 'x'"},
    {"text search dictionary public.td", "template options owner comment",
     "CREATE TEXT SEARCH DICTIONARY td (TEMPLATE = simple)",
     "DROP TEXT SEARCH DICTIONARY td; CREATE TEXT SEARCH DICTIONARY td (TEMPLATE = snowball, LANGUAGE = "
     "'english');"
     "ALTER TEXT SEARCH DICTIONARY td OWNER TO kt_owner; COMMENT ON TEXT SEARCH DICTIONARY td IS 'x'"},
    {"text search configuration public.tc", "parser mappings owner comment",
     "CREATE TEXT SEARCH PARSER tc_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, "
     "LEXTYPES ="
     " prsd_lextype); CREATE TEXT SEARCH CONFIGURATION tc (PARSER = default)",
     "DROP TEXT SEARCH CONFIGURATION tc; CREATE TEXT SEARCH CONFIGURATION tc (PARSER = tc_parser);"
     "ALTER TEXT SEARCH CONFIGURATION tc ADD MAPPING FOR word WITH simple;"
     "ALTER TEXT SEARCH CONFIGURATION tc OWNER TO kt_owner; COMMENT ON TEXT SEARCH CONFIGURATION tc IS 'x'"},

    {"publication pu", "operations via_partition_root owner comment", "CREATE PUBLICATION pu",
     "ALTER PUBLICATION pu SET (publish = 'insert', publish_via_partition_root); ALTER PUBLICATION pu OWNER "
     "TO kt_super;"
     "COMMENT ON PUBLICATION pu IS 'x'"},
    {"publication pu_all", "all_tables", "CREATE PUBLICATION pu_all",
     "DROP PUBLICATION pu_all; CREATE PUBLICATION pu_all FOR ALL TABLES"},
    {"publication pu_generated", "generated_columns", "CREATE PUBLICATION pu_generated",
     "ALTER PUBLICATION pu_generated SET (publish_generated_columns = stored)", 18},
    {"published table pu_table.public.pu_t", "columns row_filter",
     "CREATE TABLE pu_t (a int PRIMARY KEY, b int); CREATE PUBLICATION pu_table FOR TABLE pu_t",
     "ALTER PUBLICATION pu_table SET TABLE pu_t (a) WHERE (a > 1)", 15},
    {"published schema pu_schema.s_published", "-", "CREATE SCHEMA s_published; CREATE PUBLICATION pu_schema",
     "ALTER PUBLICATION pu_schema ADD TABLES IN SCHEMA s_published", 15},
    {"subscription su",
     "connection publications slot synchronous_commit binary owner comment security_labels",
     SUBSCRIPTION("su", "1", ""),
     "ALTER SUBSCRIPTION su CONNECTION 'host=127.0.0.1 port=2 dbname=x password=hidden';"
     "ALTER SUBSCRIPTION su SET PUBLICATION q WITH (refresh = false); ALTER SUBSCRIPTION su SET (slot_name = "
     "'sl',"
     " synchronous_commit = local, binary = true); ALTER SUBSCRIPTION su OWNER TO kt_super;"
     "COMMENT ON SUBSCRIPTION su IS 'x'; INSERT INTO pg_shseclabel SELECT oid, 'pg_subscription'::regclass, "
     "'dummy', 'x'"
     " FROM pg_subscription WHERE subname = 'su'",
     14},
    {"subscription su_stream", "streaming enabled", SUBSCRIPTION("su_stream", "1", ""),
     "ALTER SUBSCRIPTION su_stream SET (streaming = true); UPDATE pg_subscription SET subenabled = true, "
     "subslotname ="
     " NULL WHERE subname = 'su_stream'",
     14},
    {"subscription su_15", "two_phase disable_on_error", SUBSCRIPTION("su_15", "1", ""),
     "DROP SUBSCRIPTION su_15;" SUBSCRIPTION("su_15", "1", ", two_phase = true, disable_on_error = true"),
     15},
    {"subscription su_16", "password_required run_as_owner origin", SUBSCRIPTION("su_16", "1", ""),
     "ALTER SUBSCRIPTION su_16 SET (password_required = false, run_as_owner = true, origin = none)", 16},
    {"subscription su_17", "failover", SUBSCRIPTION("su_17", "1", ""),
     "DROP SUBSCRIPTION su_17;" SUBSCRIPTION("su_17", "1", ", failover = true"), 17},

    {"default privileges FOR ROLE kt_owner ON TABLES", "privileges",
     "ALTER DEFAULT PRIVILEGES FOR ROLE kt_owner GRANT SELECT ON TABLES TO kt_reader",
     "ALTER DEFAULT PRIVILEGES FOR ROLE kt_owner GRANT INSERT ON TABLES TO kt_reader"},
    {"default privileges FOR ROLE kt_owner IN SCHEMA s_default ON SEQUENCES", "privileges",
     "CREATE SCHEMA s_default;"
     "ALTER DEFAULT PRIVILEGES FOR ROLE kt_owner IN SCHEMA s_default GRANT SELECT ON SEQUENCES TO kt_reader",
     "ALTER DEFAULT PRIVILEGES FOR ROLE kt_owner IN SCHEMA s_default GRANT USAGE ON SEQUENCES TO kt_reader"},
    {"security label FOR dummy ON TABLE COLUMN public.labelled.a", "label",
     "CREATE TABLE labelled (a int); INSERT INTO pg_seclabel VALUES ('labelled'::regclass, "
     "'pg_class'::regclass, 1,"
     " 'dummy', 'x')",
     "UPDATE pg_seclabel SET label = 'y' WHERE objoid = 'labelled'::regclass"},

    {"system object FUNCTION pg_catalog.pg_size_pretty(bigint)", "privileges owner",
     "GRANT EXECUTE ON FUNCTION pg_size_pretty(bigint) TO kt_super",
     "REVOKE EXECUTE ON FUNCTION pg_size_pretty(bigint) FROM PUBLIC;"
     "ALTER FUNCTION pg_size_pretty(bigint) OWNER TO kt_owner"},
    {"system catalogue pg_cast", "rows digest", "",
     "DELETE FROM pg_cast WHERE castsource = 'int4'::regtype AND casttarget = 'bool'::regtype"},
};

// These stay on the server when the database is gone; the test makes and drops the role and the rest.
constexpr KindCase of_cluster[] = {
    {"role kt_role",
     "superuser login inherit create_role create_database replication bypass_row_security connection_limit "
     "valid_until"
     " password security_labels comment",
     "CREATE ROLE kt_role",
     "ALTER ROLE kt_role SUPERUSER LOGIN NOINHERIT CREATEROLE CREATEDB REPLICATION BYPASSRLS CONNECTION "
     "LIMIT 7 VALID"
     " UNTIL '2030-01-01' PASSWORD 'hidden'; COMMENT ON ROLE kt_role IS 'x';"
     "INSERT INTO pg_shseclabel SELECT oid, 'pg_authid'::regclass, 'dummy', 'x' FROM pg_authid WHERE rolname "
     "= 'kt_role'"},
    {"role membership kt_owner TO kt_role", "admin", "GRANT kt_owner TO kt_role",
     "GRANT kt_owner TO kt_role WITH ADMIN OPTION"},
    {"role membership kt_reader TO kt_role", "inherit set", "GRANT kt_reader TO kt_role",
     "GRANT kt_reader TO kt_role WITH INHERIT FALSE, SET FALSE", 16},
    {"role setting kt_role work_mem", "value", "ALTER ROLE kt_role SET work_mem = '1MB'",
     "ALTER ROLE kt_role SET work_mem = '2MB'"},
    {"tablespace pg_default", "options privileges comment", "",
     "ALTER TABLESPACE pg_default SET (random_page_cost = 7); GRANT CREATE ON TABLESPACE pg_default TO "
     "kt_role;"
     "COMMENT ON TABLESPACE pg_default IS 'x'"},
    {"parameter privileges log_min_messages", "privileges",
     "GRANT SET ON PARAMETER log_min_messages TO kt_role",
     "GRANT ALTER SYSTEM ON PARAMETER log_min_messages TO kt_role", 15},
};

#undef SUBSCRIPTION

}  // namespace

std::span<const KindCase> catalog_cases() { return cases; }
std::span<const KindCase> cluster_cases() { return of_cluster; }

}  // namespace plumbline::testing
