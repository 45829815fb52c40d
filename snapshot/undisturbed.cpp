#include "snapshot/undisturbed.h"

#include <algorithm>
#include <cctype>

#include "postgres/interrupt.h"

namespace plumbline {

namespace {

constexpr std::chrono::milliseconds first_pause{20}, longest_pause{500};

bool says(const Error& error, std::string_view part) {
  return error.message().find(part) != std::string::npos;
}

// The last number of the message that can be an OID of a user's object.
std::string oid_in(const std::string& message) {
  constexpr unsigned long least_of_users = 16384;
  std::string found, number;
  for (const char c : message + ' ') {
    if (std::isdigit(static_cast<unsigned char>(c))) {
      number += c;
      continue;
    }
    if (!number.empty() && number.size() <= 10 && std::stoul(number) >= least_of_users) found = number;
    number.clear();
  }
  return found;
}

}  // namespace

// elog() of the server has no SQLSTATE of its own but XX000 (lsyscache.c, ruleutils.c, relation.c).
bool is_disturbance(const Error& error) {
  const std::string& state = error.sqlstate();
  if (state == "40P01" || state == "40001") return true;
  if (state == "XX000") {
    return says(error, "cache lookup failed") || says(error, "could not open relation") ||
           says(error, "could not find") || says(error, "concurrently") || says(error, "invalid attribute") ||
           says(error, "no such") || says(error, "is not a");
  }
  const bool is_missing =
      state == "42P01" || state == "42704" || state == "42883" || state == "42703" || state == "3F000";
  return is_missing && says(error, "OID");
}

std::string what_vanished(Connection& connection, const Error& error) {
  const std::string oid = oid_in(error.message());
  if (oid.empty()) return {};
  return connection
      .value(R"sql(
        SELECT pg_catalog.string_agg(what, ', ') FROM (
          SELECT pg_catalog.format('%s %I.%I', CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN
              'materialized view' WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 'c'
              THEN 'type' ELSE 'table' END, nspname, relname) AS what
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
            WHERE c.oid = $1::pg_catalog.oid
          UNION ALL SELECT pg_catalog.format('type %I.%I', nspname, typname)
            FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = typnamespace
            WHERE t.oid = $1::pg_catalog.oid
          UNION ALL SELECT pg_catalog.format('function %I.%I', nspname, proname)
            FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = pronamespace
            WHERE p.oid = $1::pg_catalog.oid
          UNION ALL SELECT pg_catalog.format('constraint %I on %I.%I', conname, nspname, relname)
            FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid = conrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace WHERE o.oid = $1::pg_catalog.oid
          UNION ALL SELECT pg_catalog.format('trigger %I on %I.%I', tgname, nspname, relname)
            FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = tgrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace WHERE t.oid = $1::pg_catalog.oid
          UNION ALL SELECT pg_catalog.format('rule %I on %I.%I', rulename, nspname, relname)
            FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = ev_class
            JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace WHERE r.oid = $1::pg_catalog.oid
          UNION ALL SELECT pg_catalog.format('schema %I', nspname) FROM pg_catalog.pg_namespace n
            WHERE n.oid = $1::pg_catalog.oid) o)sql",
             {oid})
      .value_or("");
}

// A reader waits for nothing but ACCESS EXCLUSIVE (manual, 13.3, "Conflicting Lock Modes").
std::string who_locks(Connection& connection) {
  return connection
      .value(R"sql(
        SELECT pg_catalog.string_agg(who, '; ') FROM (
          SELECT pg_catalog.format('%I.%I is locked by session %s', nspname, relname, l.pid) ||
            pg_catalog.concat(' of "' || usename || '"', ' (' || nullif(application_name, '') || ')',
              ', ' || state, ', since ' || pg_catalog.to_char(xact_start, 'YYYY-MM-DD HH24:MI:SS OF')) AS who
          FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = relation
          JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
          LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
          WHERE locktype = 'relation' AND granted AND mode = 'AccessExclusiveLock'
            AND l.pid <> pg_catalog.pg_backend_pid() AND relkind NOT IN ('i', 'I') AND nspname !~ '^pg_toast'
            AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
          ORDER BY xact_start, l.pid, relname LIMIT 5) w)sql")
      .value_or("");
}

void Tries::failed(const Error& error) {
  if (interrupt::signal() != 0) throw Error(error);
  if (error.sqlstate() == "55P03" && connect_) {
    const std::string who = who_locks(*connect_());
    if (!who.empty()) throw Error(error.message() + "\n  " + who, error.hint(), error.report());
  }
  if (!is_disturbance(error)) throw Error(error);
  if (is_last()) {
    throw Error("the schema was changed each time it was read, " + std::to_string(most) +
                    " times: " + error.message(),
                "Run the command again when fewer statements change the schema.", error.report());
  }
  interrupt::sleep_for(std::min(first_pause * number_ * number_, longest_pause));
  ++number_;
}

}  // namespace plumbline
