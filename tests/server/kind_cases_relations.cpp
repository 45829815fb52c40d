#include "tests/server/kind_cases.h"

namespace plumbline::testing {

namespace {

constexpr KindCase cases[] = {
    {"schema s_schema", "owner privileges comment", "CREATE SCHEMA s_schema",
     "ALTER SCHEMA s_schema OWNER TO kt_owner; GRANT USAGE ON SCHEMA s_schema TO kt_reader;"
     "COMMENT ON SCHEMA s_schema IS 'x'"},

    {"table public.t_plain",
     "storage_parameters toast_storage_parameters row_security force_row_security owner privileges comment",
     "CREATE TABLE t_plain (a int, b text)",
     "ALTER TABLE t_plain SET (fillfactor = 70, toast.autovacuum_enabled = false);"
     "ALTER TABLE t_plain ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, OWNER TO kt_owner;"
     "GRANT SELECT ON t_plain TO kt_reader; COMMENT ON TABLE t_plain IS 'x'"},
    {"table public.t_logged", "persistence", "CREATE TABLE t_logged (a int)",
     "ALTER TABLE t_logged SET UNLOGGED"},
    {"table public.t_typed", "of_type", "CREATE TYPE t_typed_row AS (a int); CREATE TABLE t_typed (a int)",
     "ALTER TABLE t_typed OF t_typed_row"},
    {"table public.t_child", "inherits", "CREATE TABLE t_parent (a int); CREATE TABLE t_child (a int)",
     "ALTER TABLE t_child INHERIT t_parent"},
    {"table public.t_part", "partition_of partition_bound",
     "CREATE TABLE t_parted (a int) PARTITION BY LIST (a); CREATE TABLE t_part (a int)",
     "ALTER TABLE t_parted ATTACH PARTITION t_part FOR VALUES IN (1)"},
    {"table public.t_parted2", "partition_by", "CREATE TABLE t_parted2 (a int, b int) PARTITION BY LIST (a)",
     "DROP TABLE t_parted2; CREATE TABLE t_parted2 (a int, b int) PARTITION BY RANGE (b)"},
    {"table public.t_method", "access_method",
     "CREATE ACCESS METHOD kt_heap TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE t_method (a int)",
     "DROP TABLE t_method; CREATE TABLE t_method (a int) USING kt_heap"},
    {"table public.t_identity", "replica_identity", "CREATE TABLE t_identity (a int)",
     "ALTER TABLE t_identity REPLICA IDENTITY FULL"},
    {"table public.t_order", "column_order", "CREATE TABLE t_order (a int, b int)",
     "DROP TABLE t_order; CREATE TABLE t_order (b int, a int)"},

    {"column public.t_column.a",
     "type not_null storage statistics_target options privileges comment collation",
     "CREATE TABLE t_column (a text)",
     "ALTER TABLE t_column ALTER a TYPE varchar(10) COLLATE \"C\", ALTER a SET NOT NULL, ALTER a SET "
     "STATISTICS 7,"
     " ALTER a SET (n_distinct = 5), ALTER a SET STORAGE EXTERNAL;"
     "GRANT SELECT (a) ON t_column TO kt_reader; COMMENT ON COLUMN t_column.a IS 'x'"},
    {"column public.t_column.b", "identity not_null", "ALTER TABLE t_column ADD b int",
     "ALTER TABLE t_column ALTER b SET NOT NULL, ALTER b ADD GENERATED ALWAYS AS IDENTITY"},
    {"column public.t_column.c", "generated", "ALTER TABLE t_column ADD c int",
     "ALTER TABLE t_column DROP c; ALTER TABLE t_column ADD c int GENERATED ALWAYS AS (1) STORED"},
    {"column public.t_column.d", "compression", "ALTER TABLE t_column ADD d text",
     "ALTER TABLE t_column ALTER d SET COMPRESSION pglz", 14},
    {"column public.t_child2.a", "inherited", "CREATE TABLE t_parent2 (a int); CREATE TABLE t_child2 (a int)",
     "ALTER TABLE t_child2 INHERIT t_parent2"},
    {"default public.t_default.a", "expression", "CREATE TABLE t_default (a int DEFAULT 1)",
     "ALTER TABLE t_default ALTER a SET DEFAULT 2"},

    {"constraint public.t_constraint.k", "definition comment",
     "CREATE TABLE t_constraint (a int, b int, CONSTRAINT k CHECK (a > 0))",
     "ALTER TABLE t_constraint DROP CONSTRAINT k, ADD CONSTRAINT k CHECK (a > 1);"
     "COMMENT ON CONSTRAINT k ON t_constraint IS 'x'"},
    {"constraint public.t_constraint.u", "type definition",
     "ALTER TABLE t_constraint ADD CONSTRAINT u UNIQUE (a)",
     "ALTER TABLE t_constraint DROP CONSTRAINT u, ADD CONSTRAINT u CHECK (b > 1)"},
    {"constraint public.t_referring.f", "enforcement",
     "CREATE TABLE t_referred (a int PRIMARY KEY); CREATE TABLE t_referring (a int CONSTRAINT f REFERENCES "
     "t_referred)",
     "ALTER TABLE t_referring DISABLE TRIGGER ALL"},
    {"constraint public.t_child3.k", "inherited",
     "CREATE TABLE t_parent3 (a int, CONSTRAINT k CHECK (a > 0));"
     "CREATE TABLE t_child3 (a int, CONSTRAINT k CHECK (a > 0))",
     "ALTER TABLE t_child3 INHERIT t_parent3"},
    {"not-null constraint public.t_named.nn", "no_inherit comment",
     "CREATE TABLE t_named (a int CONSTRAINT nn NOT NULL)",
     "ALTER TABLE t_named ALTER CONSTRAINT nn NO INHERIT; COMMENT ON CONSTRAINT nn ON t_named IS 'x'", 18},
    {"not-null constraint public.t_named2.nn", "valid",
     "CREATE TABLE t_named2 (a int, b int CONSTRAINT nn NOT NULL)",
     "ALTER TABLE t_named2 DROP CONSTRAINT nn; ALTER TABLE t_named2 ADD CONSTRAINT nn NOT NULL b NOT VALID",
     18},
    {"not-null constraint public.t_named3.nn", "column",
     "CREATE TABLE t_named3 (a int, b int CONSTRAINT nn NOT NULL)",
     "ALTER TABLE t_named3 DROP CONSTRAINT nn; ALTER TABLE t_named3 ADD CONSTRAINT nn NOT NULL a", 18},
    {"not-null constraint public.t_child4.nn", "inherited",
     "CREATE TABLE t_parent4 (a int CONSTRAINT nn NOT NULL); CREATE TABLE t_child4 (a int CONSTRAINT nn NOT "
     "NULL)",
     "ALTER TABLE t_child4 INHERIT t_parent4", 18},

    {"index public.t_index.i", "definition comment clustered",
     "CREATE TABLE t_index (a int, b int); CREATE INDEX i ON t_index (a)",
     "DROP INDEX i; CREATE INDEX i ON t_index (b) WITH (fillfactor = 50); COMMENT ON INDEX i IS 'x';"
     "ALTER TABLE t_index CLUSTER ON i"},
    {"index public.t_index.i_unique", "of_constraint", "CREATE UNIQUE INDEX i_unique ON t_index (a)",
     "ALTER TABLE t_index ADD CONSTRAINT i_unique UNIQUE USING INDEX i_unique"},
    {"index public.t_ipart.i_ipart", "attached_to",
     "CREATE TABLE t_iparted (a int) PARTITION BY LIST (a); CREATE TABLE t_ipart PARTITION OF t_iparted "
     "DEFAULT;"
     "CREATE INDEX i_iparted ON ONLY t_iparted (a); CREATE INDEX i_ipart ON t_ipart (a)",
     "ALTER INDEX i_iparted ATTACH PARTITION i_ipart"},
    {"index public.t_iparted.i_iparted", "valid", "", ""},
    {"index public.t_index.i_half", "valid ready live", "CREATE INDEX i_half ON t_index (a)",
     "UPDATE pg_index SET indisvalid = false, indisready = false, indislive = false WHERE indexrelid ="
     " 'i_half'::regclass"},
    {"index public.t_index.i_expression", "statistics_targets",
     "CREATE INDEX i_expression ON t_index ((a + b))",
     "ALTER INDEX i_expression ALTER COLUMN 1 SET STATISTICS 9"},
    {"index public.t_index.i_depends", "depends_on_extension", "CREATE INDEX i_depends ON t_index (a)",
     "ALTER INDEX i_depends DEPENDS ON EXTENSION plpgsql"},

    {"sequence public.q",
     "data_type increment minimum maximum start cache cycle owned_by owner privileges comment",
     "CREATE TABLE t_owner (a int); ALTER TABLE t_owner OWNER TO kt_owner; CREATE SEQUENCE q",
     "ALTER SEQUENCE q AS int INCREMENT 2 MINVALUE 5 MAXVALUE 500 START 7 RESTART CACHE 3 CYCLE; ALTER "
     "SEQUENCE q "
     "OWNER TO kt_owner;"
     "ALTER SEQUENCE q OWNED BY t_owner.a; GRANT USAGE ON SEQUENCE q TO kt_reader; COMMENT ON SEQUENCE q IS "
     "'x'"},
    {"sequence public.q2", "persistence", "CREATE SEQUENCE q2", "ALTER SEQUENCE q2 SET UNLOGGED", 15},

    {"table public.p_heap", "access_method", "CREATE TABLE p_heap (a int) PARTITION BY LIST (a)",
     "ALTER TABLE p_heap SET ACCESS METHOD heap", 17},
    {"view public.v", "definition options owner privileges comment", "CREATE VIEW v AS SELECT 1 AS a",
     "CREATE OR REPLACE VIEW v WITH (security_barrier) AS SELECT 2 AS a; ALTER VIEW v OWNER TO kt_owner;"
     "GRANT SELECT ON v TO kt_reader; COMMENT ON VIEW v IS 'x'"},
    {"materialized view public.m",
     "storage_parameters toast_storage_parameters replica_identity depends_on_extension owner privileges "
     "comment",
     "CREATE MATERIALIZED VIEW m AS SELECT 'a'::text AS a",
     "ALTER TABLE m REPLICA IDENTITY FULL; ALTER MATERIALIZED VIEW m SET (fillfactor = 70, "
     "toast.autovacuum_enabled = false);"
     "ALTER MATERIALIZED VIEW m DEPENDS ON EXTENSION plpgsql; ALTER MATERIALIZED VIEW m OWNER TO kt_owner;"
     "GRANT SELECT ON m TO kt_reader; COMMENT ON MATERIALIZED VIEW m IS 'x'"},
    {"materialized view public.m2", "definition access_method",
     "CREATE ACCESS METHOD kt_heap2 TYPE TABLE HANDLER heap_tableam_handler;"
     "CREATE MATERIALIZED VIEW m2 AS SELECT 1 AS a",
     "DROP MATERIALIZED VIEW m2; CREATE MATERIALIZED VIEW m2 USING kt_heap2 AS SELECT 2 AS a"},

    {"trigger public.t_trigger.g", "definition enabled depends_on_extension comment",
     "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TABLE "
     "t_trigger (a int);"
     "CREATE TRIGGER g BEFORE INSERT ON t_trigger FOR EACH ROW EXECUTE FUNCTION g()",
     "DROP TRIGGER g ON t_trigger; CREATE TRIGGER g BEFORE UPDATE ON t_trigger FOR EACH ROW EXECUTE FUNCTION "
     "g();"
     "ALTER TABLE t_trigger DISABLE TRIGGER g; COMMENT ON TRIGGER g ON t_trigger IS 'x';"
     "ALTER TRIGGER g ON t_trigger DEPENDS ON EXTENSION plpgsql"},
    {"trigger public.t_clone.g2", "cloned_from_parent",
     "CREATE TABLE t_cloned (a int) PARTITION BY LIST (a); CREATE TABLE t_clone (a int);"
     "CREATE TRIGGER g2 AFTER INSERT ON t_clone FOR EACH ROW EXECUTE FUNCTION g()",
     "DROP TRIGGER g2 ON t_clone; ALTER TABLE t_cloned ATTACH PARTITION t_clone DEFAULT;"
     "CREATE TRIGGER g2 AFTER INSERT ON t_cloned FOR EACH ROW EXECUTE FUNCTION g()"},
    {"rule public.t_rule.r", "definition enabled comment",
     "CREATE TABLE t_rule (a int); CREATE RULE r AS ON INSERT TO t_rule DO ALSO NOTHING",
     "CREATE OR REPLACE RULE r AS ON INSERT TO t_rule DO INSTEAD NOTHING; ALTER TABLE t_rule DISABLE RULE r;"
     "COMMENT ON RULE r ON t_rule IS 'x'"},
    {"policy public.t_policy.p", "command permissive roles using check comment",
     "CREATE TABLE t_policy (a int); CREATE POLICY p ON t_policy USING (a > 0)",
     "DROP POLICY p ON t_policy; CREATE POLICY p ON t_policy AS RESTRICTIVE FOR UPDATE TO kt_reader USING (a "
     "> 1)"
     " WITH CHECK (a > 2); COMMENT ON POLICY p ON t_policy IS 'x'"},
    {"statistics object public.st", "definition statistics_target owner comment",
     "CREATE TABLE t_statistics (a int, b int, c int); CREATE STATISTICS st ON a, b FROM t_statistics",
     "DROP STATISTICS st; CREATE STATISTICS st ON a, c FROM t_statistics; ALTER STATISTICS st SET STATISTICS "
     "9;"
     "ALTER STATISTICS st OWNER TO kt_owner; COMMENT ON STATISTICS st IS 'x'"},
    {"implicit object FUNCTION public.implicit_range(integer,integer)", "privileges",
     "CREATE TYPE implicit_range AS RANGE (SUBTYPE = int);"
     "COMMENT ON FUNCTION implicit_range(int, int) IS 'w'",
     "REVOKE EXECUTE ON FUNCTION implicit_range(int, int) FROM PUBLIC"},
    {"implicit object TYPE public.t_implicit", "privileges comment",
     "CREATE TABLE t_implicit (a int); COMMENT ON TYPE t_implicit IS 'w'",
     "COMMENT ON TYPE t_implicit IS 'x'; REVOKE USAGE ON TYPE t_implicit FROM PUBLIC"},
};

}  // namespace

std::span<const KindCase> relation_cases() { return cases; }

}  // namespace plumbline::testing
