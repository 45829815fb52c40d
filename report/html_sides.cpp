#include "report/html_sides.h"

#include <ostream>

#include "report/escape.h"
#include "report/wording.h"

namespace plumbline {

namespace {

constexpr std::size_t most_rows = 2'000;

std::string pieces(const std::vector<LinePair::Piece>& line, std::string_view tag) {
  std::string text;
  for (const LinePair::Piece& piece : line) {
    const std::string shown = escape_html(visible(piece.text));
    text += piece.marked ? "<" + std::string(tag) + ">" + shown + "</" + std::string(tag) + ">" : shown;
  }
  return text;
}

void write_side(const std::vector<LinePair::Piece>& line, std::size_t number, std::string_view tag,
                bool differs, std::ostream& out) {
  const char* tone = !differs || number == 0 ? "" : tag == "del" ? " class=\"gone\"" : " class=\"come\"";
  out << "<td class=\"number\">";
  if (number > 0) out << number;
  out << "</td><td" << tone << ">" << pieces(line, tag) << "</td>";
}

void write_block(const AttributeChange& change, std::ostream& out) {
  const auto rows = side_by_side(change.expected, change.actual);
  for (std::size_t i = 0; i < rows.size() && i < most_rows; ++i) {
    if (rows[i].after_gap) out << "<tr class=\"gap\"><td colspan=\"4\">&#8943;</td></tr>\n";
    out << "<tr>";
    write_side(rows[i].expected, rows[i].expected_line, "del", rows[i].differs, out);
    write_side(rows[i].actual, rows[i].actual_line, "ins", rows[i].differs, out);
    out << "</tr>\n";
  }
  if (rows.size() > most_rows) {
    out << "<tr class=\"gap\"><td colspan=\"4\">" << counted(rows.size() - most_rows, "more line")
        << "; the JSON report has all of them</td></tr>\n";
  }
}

// What stands for an absent value is no word that could be marked.
void write_values(const AttributeChange& change, std::ostream& out) {
  const bool both = !change.expected.empty() && !change.actual.empty();
  const auto rows = both ? side_by_side(visible_line(change.expected), visible_line(change.actual))
                         : std::vector<LinePair>();
  if (rows.size() == 1) {
    out << "<tr><td class=\"gone\">" << pieces(rows[0].expected, "del") << "</td><td class=\"come\">"
        << pieces(rows[0].actual, "ins") << "</td></tr>\n";
  } else {
    out << "<tr><td class=\"gone\">" << escape_html(visible_line(shown_value(change.expected, change.actual)))
        << "</td><td class=\"come\">"
        << escape_html(visible_line(shown_value(change.actual, change.expected))) << "</td></tr>\n";
  }
}

}  // namespace

void write_sides(const AttributeChange& change, std::string_view actual_name, std::ostream& out) {
  const bool block = is_block(change);
  out << "<table class=\"sides\">"
      << (block ? "<colgroup><col class=\"number\"><col><col class=\"number\"><col></colgroup>" : "")
      << "<thead><tr><th" << (block ? " colspan=\"2\"" : "") << " scope=\"col\">expected</th><th"
      << (block ? " colspan=\"2\"" : "") << " scope=\"col\">" << actual_name << "</th></tr></thead><tbody>\n";
  block ? write_block(change, out) : write_values(change, out);
  out << "</tbody></table>\n";
}

}  // namespace plumbline
