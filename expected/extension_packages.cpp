#include "expected/extension_packages.h"

#include <algorithm>
#include <array>

namespace plumbline {

namespace {

// Extensions that come with the server's own sources (manual, appendix F); Debian ships them with the server.
constexpr auto contributed = std::to_array<std::string_view>({"adminpack",
                                                              "amcheck",
                                                              "autoinc",
                                                              "bloom",
                                                              "bool_plperl",
                                                              "btree_gin",
                                                              "btree_gist",
                                                              "citext",
                                                              "cube",
                                                              "dblink",
                                                              "dict_int",
                                                              "dict_xsyn",
                                                              "earthdistance",
                                                              "file_fdw",
                                                              "fuzzystrmatch",
                                                              "hstore",
                                                              "insert_username",
                                                              "intagg",
                                                              "intarray",
                                                              "isn",
                                                              "lo",
                                                              "ltree",
                                                              "moddatetime",
                                                              "old_snapshot",
                                                              "pageinspect",
                                                              "pg_buffercache",
                                                              "pg_freespacemap",
                                                              "pg_prewarm",
                                                              "pg_stat_statements",
                                                              "pg_surgery",
                                                              "pg_trgm",
                                                              "pg_visibility",
                                                              "pg_walinspect",
                                                              "pgcrypto",
                                                              "pgrowlocks",
                                                              "pgstattuple",
                                                              "postgres_fdw",
                                                              "refint",
                                                              "seg",
                                                              "sslinfo",
                                                              "tablefunc",
                                                              "tcn",
                                                              "tsm_system_rows",
                                                              "tsm_system_time",
                                                              "unaccent",
                                                              "uuid-ossp",
                                                              "xml2"});

struct Package {
  std::string_view extension, suffix;  // postgresql-<major>-<suffix>
};

constexpr auto packages = std::to_array<Package>({
    {"address_standardizer", "postgis-3"},
    {"age", "age"},
    {"asn1oid", "asn1oid"},
    {"cron", "cron"},
    {"credcheck", "credcheck"},
    {"debversion", "debversion"},
    {"first_last_agg", "first-last-agg"},
    {"h3", "h3"},
    {"hll", "hll"},
    {"hypopg", "hypopg"},
    {"ip4r", "ip4r"},
    {"jsquery", "jsquery"},
    {"mysql_fdw", "mysql-fdw"},
    {"ogr_fdw", "ogr-fdw"},
    {"orafce", "orafce"},
    {"periods", "periods"},
    {"pg_cron", "cron"},
    {"pg_dirtyread", "dirtyread"},
    {"pg_hint_plan", "pg-hint-plan"},
    {"pg_partman", "partman"},
    {"pg_rational", "rational"},
    {"pg_repack", "repack"},
    {"pg_similarity", "similarity"},
    {"pg_squeeze", "squeeze"},
    {"pgaudit", "pgaudit"},
    {"pglogical", "pglogical"},
    {"pgmp", "pgmp"},
    {"pgpcre", "pgpcre"},
    {"pgrouting", "pgrouting"},
    {"pgsphere", "pgsphere"},
    {"pgtap", "pgtap"},
    {"plproxy", "plproxy"},
    {"postgis", "postgis-3"},
    {"postgis_raster", "postgis-3"},
    {"postgis_tiger_geocoder", "postgis-3"},
    {"postgis_topology", "postgis-3"},
    {"powa", "powa"},
    {"prefix", "prefix"},
    {"q3c", "q3c"},
    {"rum", "rum"},
    {"semver", "semver"},
    {"set_user", "set-user"},
    {"tds_fdw", "tds-fdw"},
    {"tdigest", "tdigest"},
    {"timescaledb", "timescaledb"},
    {"unit", "unit"},
    {"vector", "pgvector"},
    {"wal2json", "wal2json"},
});

constexpr auto languages = std::to_array<Package>({
    {"plperl", "plperl"},
    {"plperlu", "plperl"},
    {"plpython3u", "plpython3"},
    {"hstore_plpython3u", "plpython3"},
    {"pltcl", "pltcl"},
    {"pltclu", "pltcl"},
    {"jsonb_plperl", "plperl"},
    {"jsonb_plpython3u", "plpython3"},
    {"hstore_plperl", "plperl"},
});

}  // namespace

std::string debian_package_of(std::string_view extension, int server_version) {
  const std::string major = std::to_string(server_version);
  if (std::ranges::binary_search(contributed, extension)) return "postgresql-" + major;
  for (const Package& package : packages) {
    if (package.extension == extension) return "postgresql-" + major + "-" + std::string(package.suffix);
  }
  for (const Package& package : languages) {
    if (package.extension == extension) return "postgresql-" + std::string(package.suffix) + "-" + major;
  }
  return {};
}

}  // namespace plumbline
