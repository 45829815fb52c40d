#include "runner/digest.h"

#include <charconv>

#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/ledger_schema.h"

namespace plumbline {

namespace {

std::optional<double> number(const std::optional<std::string>& text) {
  double value = 0;
  if (!text || text->empty()) return std::nullopt;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  return failure == std::errc() && end == text->data() + text->size() ? std::optional(value) : std::nullopt;
}

// A row that applied something stands when nothing has taken it back, and no health check has failed, before
// the version was applied again.
std::string judged_rows(const std::string& history) {
  return "WITH numbered AS (SELECT id, at, action, version, count(*) FILTER (WHERE action = 'applied') OVER "
         "(PARTITION BY version ORDER BY id) AS run FROM " +
         history +
         " WHERE version IS NOT NULL), judged AS (SELECT id, at, action, version, action = 'applied' AND NOT "
         "bool_or(action IN ('rolled_back', 'health_check_failed')) OVER (PARTITION BY version, run) AS "
         "stands FROM numbered) ";
}

// The moment with which a version begins, as our own do, in UTC; null: it begins with none. Versions are
// anybody's text, and the 31st of February is no error.
constexpr std::string_view moment_of_version = R"sql(
CASE WHEN version ~ '^20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])_?([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]'
THEN (SELECT make_timestamptz(left(digits, 4)::int, substr(digits, 5, 2)::int, 1, substr(digits, 9, 2)::int,
        substr(digits, 11, 2)::int, substr(digits, 13, 2)::int, 'UTC')
        + (substr(digits, 7, 2)::int - 1) * interval '24 hours'
      FROM regexp_replace(version, '[^0-9]', '', 'g') AS digits) END)sql";

class Reader {
 public:
  Reader(Connection& connection, const std::string& schema, int days)
      : connection_(connection),
        history_(quote_qualified(schema, "migration_history")),
        alerts_(quote_qualified(schema, "schema_drift_alerts")),
        since_("at > clock_timestamp() - make_interval(days => " + std::to_string(days) + ")") {}

  long long actions(const std::string& action) {
    return count("SELECT count(*) FROM " + history_ + " WHERE action = $1 AND " + since_, {action});
  }
  long long standing() {
    return count(judged_rows(history_) + "SELECT count(*) FROM judged WHERE stands AND " + since_);
  }
  std::optional<double> duration() {
    return number(connection_.value("SELECT avg(duration_ms)::float8 / 1000 FROM " + history_ +
                                    " WHERE action = 'applied' AND " + since_));
  }
  // What is older than the ledger came into it with an imported history, and what is younger than its own
  // application was not written at that moment: neither has a time to deploy.
  std::optional<double> to_deploy() {
    return number(connection_.value(
        judged_rows(history_) + ", deployed AS (SELECT at, " + std::string(moment_of_version) +
        " AS written FROM judged WHERE stands AND " + since_ +
        ") SELECT avg(extract(epoch FROM at - written))::float8 FROM deployed WHERE written <= at AND "
        "written >= (SELECT date_trunc('second', min(at)) FROM " +
        history_ + ")"));
  }
  // From the first failure or rollback of a version behind its last success to its next one.
  std::optional<double> to_recover() {
    return number(connection_.value(
        judged_rows(history_) +
        ", cut AS (SELECT at, action, version, stands, count(*) FILTER (WHERE stands) OVER (PARTITION BY "
        "version ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS episode FROM judged), "
        "episodes AS (SELECT min(at) FILTER (WHERE action IN ('failed', 'rolled_back', "
        "'health_check_failed')) AS began, min(at) FILTER (WHERE stands) AS at FROM cut GROUP BY version, "
        "episode) SELECT avg(extract(epoch FROM at - began))::float8 FROM episodes WHERE " +
        since_));
  }
  long long incidents(const std::string& more) {
    return count("SELECT count(*) FROM " + alerts_ + " WHERE findings > 0 AND " + more);
  }
  long long recent_incidents() { return incidents(since_); }
  std::optional<double> to_repair() {
    return number(connection_.value("SELECT avg(extract(epoch FROM resolved_at - at))::float8 FROM " +
                                    alerts_ + " WHERE findings > 0 AND resolved_at IS NOT NULL AND " +
                                    since_));
  }

 private:
  long long count(const std::string& sql, std::initializer_list<Parameter> parameters = {}) {
    return std::stoll(connection_.value(sql, parameters).value_or("0"));
  }

  Connection& connection_;
  std::string history_, alerts_, since_;
};

std::optional<double> share(long long part, long long whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Digest read_digest(Connection& connection, const std::string& schema, int days) {
  const LedgerForm form = ledger_form(connection, schema);
  refuse_unknown_ledger(form, schema);
  if (form.version == 0) {
    throw Error("there is no history in schema \"" + schema + "\"", "The first \"plumbline up\" begins it.");
  }
  Reader reader(connection, schema, days);
  Digest digest;
  digest.days = days;
  digest.schema_version =
      connection.value("SELECT " + quote_qualified(schema, "get_current_schema_version") + "()").value_or("");
  digest.applied = reader.actions("applied");
  digest.failed = reader.actions("failed");
  digest.rolled_back = reader.actions("rolled_back");
  digest.success_rate = share(reader.standing(), digest.applied + digest.failed);
  digest.rollback_rate = share(digest.rolled_back, digest.applied);
  digest.mean_duration = reader.duration();
  digest.time_to_deploy = reader.to_deploy();
  digest.incidents = reader.recent_incidents();
  digest.open_incidents = reader.incidents("resolved_at IS NULL");
  digest.time_to_repair = reader.to_repair();
  digest.time_to_recover = reader.to_recover();
  const long long migrated = digest.applied + digest.rolled_back;
  digest.coverage = share(migrated, migrated + digest.incidents);
  return digest;
}

}  // namespace plumbline
