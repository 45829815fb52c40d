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
  std::optional<double> duration() {
    return number(connection_.value("SELECT avg(duration_ms)::float8 / 1000 FROM " + history_ +
                                    " WHERE action = 'applied' AND " + since_));
  }
  // Versions that begin with a moment, as our own do.
  std::optional<double> to_deploy() {
    return number(connection_.value(
        "SELECT avg(extract(epoch FROM at - to_timestamp(left(regexp_replace(version, '[^0-9]', '', 'g'), "
        "14), "
        "'YYYYMMDDHH24MISS')))::float8 FROM " +
        history_ +
        " WHERE action = 'applied' AND version ~ '^20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])_?"
        "([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]' AND " +
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
  if (const long long tried = digest.applied + digest.failed; tried > 0) {
    digest.success_rate = static_cast<double>(digest.applied) / static_cast<double>(tried);
  }
  digest.mean_duration = reader.duration();
  digest.time_to_deploy = reader.to_deploy();
  digest.incidents = reader.recent_incidents();
  digest.open_incidents = reader.incidents("resolved_at IS NULL");
  digest.time_to_repair = reader.to_repair();
  return digest;
}

}  // namespace plumbline
