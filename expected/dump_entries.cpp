#include "expected/dump_entries.h"

#include <algorithm>
#include <array>
#include <optional>

#include "postgres/text.h"

namespace plumbline {

namespace {

constexpr std::string_view name_mark = "-- Name: ", type_mark = "; Type: ", schema_mark = "; Schema: ",
                           owner_mark = "; Owner: ";

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// "-- Name: orders; Type: TABLE; Schema: public; Owner: app". A name may hold anything but a line's end.
std::optional<DumpEntry> entry_of(std::string_view line) {
  const std::size_t owner = line.rfind(owner_mark), schema = line.rfind(schema_mark, owner),
                    type = line.rfind(type_mark, schema);
  if (!line.starts_with(name_mark) || owner == line.npos || schema == line.npos || type == line.npos)
    return {};
  const auto between = [&](std::size_t start, std::size_t end) {
    return std::string(line.substr(start, end - start));
  };
  return DumpEntry{.type = between(type + type_mark.size(), schema),
                   .schema = between(schema + schema_mark.size(), owner),
                   .name = between(name_mark.size(), type),
                   .lines{}};
}

// Written before the next entry's comment, where that needs another setting than the last.
constexpr std::string_view access_method_mark = "SET default_table_access_method = ";

bool is_session_setting(std::string_view line) {
  constexpr auto beginnings = std::to_array<std::string_view>(
      {"SET default_tablespace = ", access_method_mark, "\\restrict ", "\\unrestrict ",
       "SELECT pg_catalog.set_config('search_path', ", "-- PostgreSQL database dump"});
  return line == "--" || std::ranges::any_of(beginnings, [&](std::string_view beginning) {
           return line.starts_with(beginning);
         });
}

// A restore puts inherited columns first, and who granted first is nobody's schema.
void make_order_of_lines_irrelevant(DumpEntry& entry) {
  constexpr auto types = std::to_array<std::string_view>({"TABLE", "FOREIGN TABLE", "ACL", "DEFAULT ACL"});
  if (!is_one_of(entry.type, types)) return;
  for (std::string& line : entry.lines) {
    if (line.ends_with(',')) line.pop_back();
  }
  std::ranges::sort(entry.lines);
}

// The parts of a list between parentheses, from `start` to the one that closes it; commas inside quotes
// belong to a part. Returns where it ends.
std::size_t read_list(const std::string& line, std::size_t start, std::vector<std::string>& parts) {
  std::size_t at = start, part = start;
  bool quoted = false;
  for (; at < line.size() && (quoted || line[at] != ')'); ++at) {
    if (line[at] == '\'') quoted = !quoted;
    if (quoted || line[at] != ',') continue;
    parts.emplace_back(trim(std::string_view(line).substr(part, at - part)));
    part = at + 1;
  }
  parts.emplace_back(trim(std::string_view(line).substr(part, at - part)));
  return at;
}

void sort_list_behind(std::string& line, std::string_view mark) {
  const std::size_t found = line.find(mark);
  if (found == line.npos) return;
  std::vector<std::string> parts;
  const std::size_t start = found + mark.size(), end = read_list(line, start, parts);
  std::ranges::sort(parts);
  line.replace(start, end - start, join(parts, ", "));
}

// Options are kept in the order in which they were set.
void make_order_of_options_irrelevant(DumpEntry& entry) {
  for (std::string& line : entry.lines) {
    for (const std::string_view mark : {"WITH (", " SET ("}) sort_list_behind(line, mark);
  }
  const auto is_setting = [](const std::string& line) { return line.starts_with("    SET "); };
  for (auto run = entry.lines.begin(); run != entry.lines.end();) {
    run = std::find_if(run, entry.lines.end(), is_setting);
    const auto end = std::find_if_not(run, entry.lines.end(), is_setting);
    std::sort(run, end);
    run = end;
  }
}

void hide_what_superusers_see(DumpEntry& entry) {
  if (entry.type == "USER MAPPING") entry.lines.clear();
}

class Reader {
 public:
  std::vector<DumpEntry> read(std::string_view dump) {
    const std::vector<std::string> lines = split(dump, '\n');
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const bool framed = i > 0 && i + 1 < lines.size() && lines[i - 1] == "--" && lines[i + 1] == "--";
      if (auto entry = framed ? entry_of(lines[i]) : std::nullopt) {
        begin(std::move(*entry));
      } else {
        add(lines[i]);
      }
    }
    finish();
    std::ranges::sort(entries_);
    return std::move(entries_);
  }

 private:
  void begin(DumpEntry entry) {
    finish();
    entry_ = std::move(entry);
    constexpr auto types = std::to_array<std::string_view>({"TABLE", "MATERIALIZED VIEW"});
    if (is_one_of(entry_->type, types)) entry_->lines.push_back("access method " + access_method_);
  }

  void add(const std::string& line) {
    if (line.starts_with(access_method_mark)) access_method_ = line.substr(access_method_mark.size());
    if (entry_ && !line.empty() && !is_session_setting(line)) entry_->lines.push_back(line);
  }

  void finish() {
    if (!entry_) return;
    make_order_of_options_irrelevant(*entry_);
    make_order_of_lines_irrelevant(*entry_);
    hide_what_superusers_see(*entry_);
    if (entry_->type != "SUBSCRIPTION") entries_.push_back(std::move(*entry_));
    entry_.reset();
  }

  std::optional<DumpEntry> entry_;
  std::string access_method_ = "heap;";
  std::vector<DumpEntry> entries_;
};

}  // namespace

std::string describe(const DumpEntry& entry) {
  return entry.type + " " + (entry.schema == "-" ? "" : entry.schema + ".") + entry.name;
}

std::vector<DumpEntry> entries_of_dump(std::string_view dump) { return Reader().read(dump); }

}  // namespace plumbline
