#include "diff/preset.h"

namespace plumbline {

namespace {

// A service that patches the catalogue or grants on it differs there from every plain server.
#define PATCHED_CATALOGUE "\nsystem_catalog *\nsystem_object *\nparameter_privileges *"

constexpr Preset presets[] = {
    {.name = "supabase",
     .label = "Supabase",
     .signs = {.roles = "supabase_admin"},
     .schemas =
         "auth storage realtime _realtime _analytics _supavisor supabase_functions supabase_migrations "
         "extensions graphql graphql_public pgbouncer vault pgsodium pgsodium_masks net pgtle",
     // People write policies for storage.objects and triggers on auth.users.
     .left = "policy trigger",
     .roles = "anon authenticated authenticator service_role dashboard_user pgbouncer pgsodium_* supabase_*",
     .objects =
         "extension pg_graphql\nextension pg_stat_statements\nextension pgcrypto\nextension pgjwt\n"
         "extension pgsodium\nextension supabase_vault\nextension uuid-ossp\nextension pg_net\n"
         "event_trigger issue_graphql_placeholder\nevent_trigger issue_pg_*_access\n"
         "event_trigger pgrst_*_watch\npublication supabase_realtime*\n"
         "default_privileges FOR ROLE postgres IN SCHEMA public ON *\n"
         "trigger storage.objects.objects_*\ntrigger storage.*.prefixes_*\n"
         "trigger storage.*.update_objects_updated_at\ntrigger storage.*.enforce_*\n"
         "trigger storage.*.protect_*\ntrigger realtime.subscription.tr_check_filters" PATCHED_CATALOGUE},
    {.name = "rds",
     .label = "Amazon RDS and Aurora",
     .signs = {.roles = "rds_superuser", .settings = "rds.extensions"},
     .schemas = "aws_commons aws_s3 aws_lambda aws_ml",
     .roles = "rds_* rdsadmin rdsrepladmin rdstopmgr rdswriteforwarduser rdsproxyadmin",
     .objects = "tablespace rds_temp_tablespace" PATCHED_CATALOGUE},
    {.name = "cloudsql",
     .label = "Google Cloud SQL and AlloyDB",
     .signs = {.roles = "cloudsqlsuperuser alloydbsuperuser"},
     .schemas = "google_ml google_vacuum_mgmt google_columnar_engine ai",
     .roles = "cloudsql* alloydb*",
     .objects = "extension google_*\nextension hypopg" PATCHED_CATALOGUE},
    {.name = "azure",
     .label = "Azure Database for PostgreSQL",
     .signs = {.roles = "azure_pg_admin", .settings = "azure.extensions"},
     .schemas = "azure_sys query_store pgaadauth azure_ai azure_storage",
     .roles = "azure_* azuresu",
     .objects = "extension azure\nextension pgaadauth\ntablespace temptblspace" PATCHED_CATALOGUE},
    {.name = "neon",
     .label = "Neon",
     .signs = {.roles = "neon_superuser", .settings = "neon.tenant_id"},
     .schemas = "neon neon_auth neon_migration",
     .roles = "neon_* cloud_admin",
     .objects = "extension neon\nextension neon_utils" PATCHED_CATALOGUE},
    {.name = "timescaledb",
     .label = "TimescaleDB",
     .signs = {.extensions = "timescaledb"},
     .schemas = "_timescaledb_* timescaledb_information timescaledb_experimental toolkit_experimental",
     .objects = "trigger *.ts_insert_blocker\ntrigger *.ts_cagg_invalidation_trigger\n"
                "trigger *.ts_cagg_trigger"},
    {.name = "postgis",
     .label = "PostGIS",
     .signs = {.extensions = "postgis postgis_topology postgis_tiger_geocoder"},
     .schemas = "tiger tiger_data topology"},
    {.name = "pg_partman",
     .label = "pg_partman",
     .signs = {.extensions = "pg_partman"},
     // The partitions, at any depth, of the tables that it looks after, and the tables they are made after.
     .makes = R"sql(WITH RECURSIVE part AS (
  SELECT i.inhrelid FROM {extension}.part_config p
  JOIN pg_catalog.pg_inherits i ON i.inhparent = pg_catalog.to_regclass(p.parent_table)
  UNION SELECT i.inhrelid FROM part JOIN pg_catalog.pg_inherits i ON i.inhparent = part.inhrelid)
SELECT template_table FROM {extension}.part_config WHERE template_table IS NOT NULL UNION ALL SELECT n.nspname || '.' || c.relname FROM part JOIN pg_catalog.pg_class c ON c.oid = part.inhrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace)sql",
     .only_unexpected = true},
    {.name = "pg_cron",
     .label = "pg_cron",
     .signs = {.extensions = "pg_cron"},
     .schemas = "cron",
     .left = "policy trigger"},
    {.name = "ledgers",
     .label = "other migration tools",
     .signs = {.always = true},
     .schemas = "drizzle graphile_migrate sqitch atlas_schema_revisions supabase_migrations",
     .objects = "table *.schema_migrations\ntable *.ar_internal_metadata\ntable *.flyway_schema_history\n"
                "table *.refinery_schema_history\ntable *.seaql_migrations\ntable *.goose_db_version\n"
                "table *.gorp_migrations\ntable *.__diesel_schema_migrations\ntable *._sqlx_migrations\n"
                "table *._prisma_migrations\ntable *.__drizzle_migrations\ntable *.alembic_version\n"
                "table *.aerich\ntable *.django_migrations\ntable *.__EFMigrationsHistory\n"
                "table *.databasechangelog\ntable *.databasechangeloglock\ntable *.knex_migrations\n"
                "table *.knex_migrations_lock\ntable *.kysely_migration\ntable *.kysely_migration_lock\n"
                "table *.mikro_orm_migrations\ntable *.SequelizeMeta\ntable *.pgmigrations\n"
                "table *.phinxlog\ntable *.doctrine_migration_versions\ntable *.play_evolutions\n"
                "table *.play_evolutions_lock\ntable *.schemaversion\ntable *.atlas_schema_revisions\n"
                "table *._yoyo_*\ntable *.yoyo_lock",
     .only_unexpected = true},
};

#undef PATCHED_CATALOGUE

}  // namespace

std::span<const Preset> all_presets() { return presets; }

}  // namespace plumbline
