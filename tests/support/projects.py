"""Small projects of migration tools, written for the documents' tests: the files as the tool wants them, and SQL that leaves a
database as the tool leaves it (its ledger with the columns the tool gives it), without the tool."""

import hashlib
import zlib

CUSTOMERS = "CREATE TABLE customers (\n    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n    email text NOT NULL\n);\n"
ORDERS = """CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    total numeric(10,2) NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_customer_idx ON orders (customer_id);
"""
NAMES = ["customers", "orders"]
SQL = dict(zip(NAMES, (CUSTOMERS, ORDERS)))
DOWN = {name: f"DROP TABLE {name};\n" for name in NAMES}
TIMES = ["20260110090000", "20260215103000"]


def flyway_checksum(text: str) -> int:
    crc = 0
    for line in text.splitlines():
        crc = zlib.crc32(line.encode(), crc)
    return crc - (1 << 32) if crc >= 1 << 31 else crc


def applied(ledger: str, rows: list[str]) -> str:
    return CUSTOMERS + ORDERS + ledger + "".join(rows)


def dbmate():
    files = {f"db/migrations/{time}_create_{name}.sql": f"-- migrate:up\n{SQL[name]}\n-- migrate:down\n{DOWN[name]}"
             for time, name in zip(TIMES, NAMES)}
    return files, applied("CREATE TABLE public.schema_migrations (version varchar PRIMARY KEY);\n",
                          [f"INSERT INTO public.schema_migrations VALUES ('{time}');\n" for time in TIMES])


def flyway():
    files = {f"src/main/resources/db/migration/V{at}__create_{name}.sql": SQL[name] for at, name in enumerate(NAMES, 1)}
    ledger = """CREATE TABLE flyway_schema_history (
    installed_rank integer NOT NULL CONSTRAINT flyway_schema_history_pk PRIMARY KEY, version varchar(50),
    description varchar(200) NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer,
    installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(),
    execution_time integer NOT NULL, success boolean NOT NULL);
CREATE INDEX flyway_schema_history_s_idx ON flyway_schema_history (success);
"""
    return files, applied(ledger, [
        f"INSERT INTO flyway_schema_history VALUES ({at}, '{at}', 'create {name}', 'SQL', 'V{at}__create_{name}.sql', "
        f"{flyway_checksum(SQL[name])}, 'owner', now(), 12, true);\n" for at, name in enumerate(NAMES, 1)])


def prisma():
    files = {f"prisma/migrations/{time}_create_{name}/migration.sql": SQL[name] for time, name in zip(TIMES, NAMES)}
    files["prisma/migrations/migration_lock.toml"] = 'provider = "postgresql"\n'
    ledger = """CREATE TABLE _prisma_migrations (
    id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
    migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
"""
    return files, applied(ledger, [
        f"INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) "
        f"VALUES (gen_random_uuid(), '{hashlib.sha256(SQL[name].encode()).hexdigest()}', now(), '{time}_create_{name}', 1);\n"
        for time, name in zip(TIMES, NAMES)])


def golang_migrate():
    files = {}
    for at, name in enumerate(NAMES, 1):
        files[f"migrations/{at:06}_create_{name}.up.sql"] = SQL[name]
        files[f"migrations/{at:06}_create_{name}.down.sql"] = DOWN[name]
    return files, applied("CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);\n",
                          ["INSERT INTO schema_migrations VALUES (2, false);\n"])


def supabase():
    files = {f"supabase/migrations/{time}_create_{name}.sql": SQL[name] for time, name in zip(TIMES, NAMES)}
    files["supabase/config.toml"] = 'project_id = "shop"\n'
    ledger = """CREATE SCHEMA supabase_migrations;
CREATE TABLE supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY, statements text[], name text);
"""
    return files, applied(ledger, [f"INSERT INTO supabase_migrations.schema_migrations VALUES ('{time}', NULL, 'create_{name}');\n"
                                   for time, name in zip(TIMES, NAMES)])


def schema_file():
    return {"schema.sql": CUSTOMERS + ORDERS}, CUSTOMERS + ORDERS


def without_migrations():
    return {}, CUSTOMERS + ORDERS


def nothing():
    return {}, ""


PROJECTS = {"dbmate": dbmate, "flyway": flyway, "prisma": prisma, "golang-migrate": golang_migrate, "supabase": supabase,
            "schema-file": schema_file, "without-migrations": without_migrations, "nothing": nothing}
