#include "tests/server/recorder.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <stdexcept>
#include <thread>

#include "postgres/error.h"
#include "tests/support/golden.h"

namespace plumbline::testing {

namespace {

std::map<std::string, std::string> sections(const std::string& text) {
  std::map<std::string, std::string> result;
  std::istringstream lines(text);
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) {
      name = line.substr(3);
    } else {
      result[name] += line + "\n";
    }
  }
  return result;
}

std::string fields_of(const Error& error) {
  std::string text = "  error: " + printable(error.message()) + "\n";
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += "    " + std::string(name) + ": " + printable(value) + "\n";
  };
  add("hint", error.hint());
  add("sqlstate", error.sqlstate());
  add("detail", error.report().detail);
  add("context", error.report().context);
  if (error.report().position != 0) add("position", std::to_string(error.report().position));
  return text;
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t shown = 40;
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t next = std::min(text.find_first_not_of(c, at), text.size());
    const auto byte = static_cast<unsigned char>(c);
    std::string one(1, c);
    if (byte < 32 || byte >= 127 || c == '|') one = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    if (next - at > shown) one += "{" + std::to_string(next - at) + " times}";
    for (std::size_t i = next - at > shown ? next - 1 : at; i < next; ++i) result += one;
    at = next;
  }
  return result;
}

Recorder::Recorder(TestDatabase& database, std::string conninfo)
    : database_(database), connection_(connect({.conninfo = std::move(conninfo)})) {
  connection_->on_notice(
      [this](std::string_view notice) { record_ += "  notice: " + printable(notice) + "\n"; });
}

EachRow Recorder::each_row() {
  return [this](const Row& row) {
    record_ += "  row:";
    for (std::size_t i = 0; i < row.size(); ++i) {
      record_ += (i == 0 ? " " : "|") + (row.is_null(i) ? "NULL" : "\"" + printable(row[i]) + "\"");
    }
    record_ += "\n";
  };
}

void Recorder::attempt(std::string_view what, const std::function<void()>& action) {
  record_ += printable(what) + "\n";
  try {
    action();
  } catch (const Error& error) {
    record_ += fields_of(error);
  } catch (const std::out_of_range& error) {
    record_ += std::string("  thrown by the listener: ") + error.what() + "\n";
  }
}

void Recorder::query(std::string_view sql) {
  attempt("query " + std::string(sql), [&] { connection_->query(sql, each_row()); });
}

void Recorder::stream(std::string_view select) {
  attempt("stream " + std::string(select), [&] { connection_->stream(select, each_row()); });
}

void Recorder::execute(std::string_view sql) {
  attempt("execute " + std::string(sql), [&] { connection_->execute(sql); });
}

void Recorder::copy_in(std::string_view sql, std::string_view data) {
  attempt("copy_in " + std::string(sql) + " <- " + printable(data), [&] { connection_->copy_in(sql, data); });
}

void Recorder::value(std::string_view sql) {
  attempt("value " + std::string(sql), [&] {
    const auto value = connection_->value(sql);
    record_ += "  " + (value ? "\"" + printable(*value) + "\"" : "nothing") + "\n";
  });
}

void Recorder::query_and_throw(std::string_view sql) {
  attempt("query " + std::string(sql),
          [&] { connection_->query(sql, [](const Row&) { throw std::out_of_range("enough"); }); });
}

void Recorder::stream_and_throw(std::string_view select) {
  attempt("stream " + std::string(select),
          [&] { connection_->stream(select, [](const Row&) { throw std::out_of_range("enough"); }); });
}

void Recorder::note(std::string_view line) { record_ += std::string(line) + "\n"; }

Connection& Recorder::other() {
  if (!other_) other_ = database_.shadow().connect(database_.name());
  return *other_;
}

void Recorder::kill() {
  const std::string pid = connection_->value("SELECT pg_backend_pid()").value();
  other().execute("SELECT pg_terminate_backend(" + pid + ")");
  for (int i = 0; i < 2000; ++i) {
    if (!other().value("SELECT 1 FROM pg_stat_activity WHERE pid = " + pid)) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  note("(killed)");
}

std::string Recorder::finish() {
  note(connection_->in_transaction() ? "in a transaction" : "not in a transaction");
  value("SELECT 'alive'");
  return std::move(record_);
}

void check_records(const std::string& file, const std::vector<std::pair<std::string, std::string>>& records) {
  std::string text;
  for (const auto& [name, record] : records) text += "## " + name + "\n" + record;
  const auto expected = sections(golden("connection/" + file, text)), actual = sections(text);
  CHECK(actual.size() == records.size());
  CHECK(actual.size() == expected.size());
  for (const auto& [name, record] : actual) {
    INFO(name);
    CHECK(expected.contains(name));
    if (const auto found = expected.find(name); found != expected.end()) CHECK(record == found->second);
  }
}

void check_situations(const std::string& file, const std::vector<Situation>& situations) {
  TestDatabase database = server(15).fresh_database();
  std::vector<std::pair<std::string, std::string>> records;
  for (const Situation& situation : situations) {
    Recorder recorder(database, database.conninfo());
    recorder.connection().execute(
        "SET client_min_messages = error; DROP SCHEMA IF EXISTS s CASCADE; CREATE SCHEMA s; SET search_path "
        "= s; "
        "RESET client_min_messages");
    situation.act(recorder);
    records.emplace_back(situation.name, recorder.finish());
  }
  check_records(file, records);
}

}  // namespace plumbline::testing
