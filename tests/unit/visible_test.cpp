#include "postgres/visible.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <regex>

#include "migrations/convention.h"
#include "migrations/header.h"
#include "migrations/scan.h"
#include "postgres/text.h"
#include "tests/property/names.h"

namespace plumbline {
namespace {

// What ends a line for some reader, steers a terminal, turns text around or is no character.
const std::vector<std::string> hostile{"\n",
                                       "\r",
                                       "\r\n",
                                       "\v",
                                       "\f",
                                       std::string(1, '\0'),
                                       "\x1b[2J",
                                       "\x7f",
                                       "\xc2\x85",
                                       "\xc2\x9b"
                                       "2J",
                                       "\xe2\x80\xa8",
                                       "\xe2\x80\xa9",
                                       "\xe2\x80\xae",
                                       "\xe2\x81\xa6",
                                       "\xd8\x9c",
                                       "\xe2\x80\x8b",
                                       "\xef\xbb\xbf",
                                       "\xc2\xad",
                                       "\xef\xbf\xbf",
                                       "\xed\xa0\x80",
                                       "\xff",
                                       "\xc3",
                                       "\xf0\x9f",
                                       "\xf3\xa0\x81\x81",
                                       "\x80",
                                       "\\! id > f",
                                       "*/",
                                       "/*",
                                       "migrate:down",
                                       "--",
                                       "+goose Down",
                                       " ",
                                       "x",
                                       "DROP TABLE victim;",
                                       "'",
                                       "$$",
                                       "\"",
                                       "Transaction: none",
                                       "= DOWN MIGRATION =",
                                       "${a}",
                                       "k\xc3\xa4se",
                                       "\xe8\xa1\xa8"};

rc::Gen<std::string> hostile_text() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(hostile)),
                      [](const std::vector<std::string>& parts) { return join(parts, ""); });
}

bool is_one_line(const std::string& text) {
  for (const char* end :
       {"\n", "\r", "\v", "\f", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9", "\x1b", "\x7f"}) {
    if (text.find(end) != std::string::npos) return false;
  }
  return text.find('\0') == std::string::npos && is_valid_utf8(text);
}

}  // namespace

TEST_CASE("what cannot be seen is spelled out, and all else stays") {
  CHECK(visible("a\x1b[2J\x7f\r") == "a\\x1b[2J\\x7f\\r");
  CHECK(visible("a\xc2\x85\xc2\x9b\xe2\x80\xa8\xe2\x80\xa9") == "a\\u0085\\u009b\\u2028\\u2029");
  CHECK(visible("\xe2\x80\xae\xe2\x80\x8b\xef\xbb\xbf\xd8\x9c") == "\\u202e\\u200b\\ufeff\\u061c");
  CHECK(visible("\xf3\xa0\x81\x81\xef\xbf\xbf") == "\\U000e0041\\uffff");
  CHECK(visible("\xff\xc3(\xed\xa0\x80\xf0\x9f") == "\\xff\\xc3(\\xed\\xa0\\x80\\xf0\\x9f");
  CHECK(visible(std::string("\0", 1)) == "\\x00");
  CHECK(visible("two\nlines\tk\xc3\xa4se \xe8\xa1\xa8 \xf0\x9f\x90\x98") ==
        "two\nlines\tk\xc3\xa4se \xe8\xa1\xa8 \xf0\x9f\x90\x98");
  CHECK(visible_line("two\nlines\t") == "two\\nlines\\t");
}

TEST_CASE("nothing printed is an order to a CI runner") {
  CHECK(visible("a\n  ::stop-commands::x\nb::c\n::") == "a\n  \\x3a:stop-commands::x\nb::c\n\\x3a:");
  CHECK(visible_line("::add-mask::x") == "\\x3a:add-mask::x");
  CHECK(visible("a ##[group]b ##vso[x] ## c # d") == "a \\x23#[group]b \\x23#vso[x] ## c # d");
}

TEST_CASE("SQL in a comment stays readable") {
  CHECK(sql_comment("CREATE TABLE t (\n  a integer -- x\n);") ==
        "-- CREATE TABLE t (\n--   a integer -- x\n-- );\n");
  CHECK(sql_comment("a\r\nb\xc2\x85"
                    "c\xe2\x80\xa8"
                    "d\fe\vf") == "-- a\\r\n-- b\\u0085c\\u2028d\\x0ce\\x0bf\n");
  CHECK(sql_comment("a\n\n").substr(0, 7) == "-- a\n--");
  CHECK(sql_comment_line("locks: x\n\\! id > f\n") == "-- locks: x\\n\\! id > f\\n\n");
}

TEST_CASE("no convention and no header takes a comment of other text for its own mark") {
  const std::vector<std::string> marks{"= UP MIGRATION =",
                                       "== DOWN MIGRATION ==",
                                       "migrate:up",
                                       "migrate:down",
                                       "migrate:up transaction:false",
                                       "+goose Up",
                                       "+goose Down",
                                       "+goose no transaction",
                                       "+migrate Up",
                                       "+migrate Up notransaction",
                                       "Up Migration",
                                       "- - down migration",
                                       "!Ups",
                                       "# !Downs",
                                       "no-transaction",
                                       "NO_TRANSACTION",
                                       "morph:nontransactional",
                                       "atlas:txmode none",
                                       "postgres-migrations disable-transaction",
                                       "! no-transaction",
                                       "---- create above / drop below ----",
                                       "-- tern: disable-tx ----"};
  for (const std::string& mark : marks) {
    for (const std::string before : {"", "--", "-- ", "  ", "SELECT 1;\n", "x\r", "-- -- ", "\t"}) {
      for (const std::string& line : split(sql_comment(before + mark), '\n')) {
        INFO(line);
        for (const Convention& convention : all_conventions()) {
          const CustomConvention& layout = convention.layout;
          for (const std::string& pattern :
               {layout.up_marker, layout.down_marker, layout.no_transaction_marker}) {
            if (!pattern.empty())
              CHECK_FALSE(std::regex_search(line, std::regex(pattern, std::regex::icase)));
          }
        }
      }
    }
  }
  CHECK(header_value(sql_comment("x\nTransaction: none\n Irreversible : no"), "transaction").empty());
  CHECK(header_value(sql_comment("x\n - Irreversible : no"), "irreversible").empty());
  CHECK(sql_comment("a ${b} {{c}}") == "-- a $\\{b} {\\{c}}\n");
}

TEST_CASE("a comment of any text is comment and line ends for our reader of SQL") {
  CHECK(rc::check([] {
    const std::string text = *hostile_text();
    const std::string commented = *rc::gen::element(sql_comment(text), sql_comment_line(text));
    RC_ASSERT(commented.back() == '\n');
    RC_ASSERT(significant_tokens(commented + "SELECT", 10).size() == 1u);
    for (const std::string& line : split(std::string_view(commented).substr(0, commented.size() - 1), '\n')) {
      RC_ASSERT(line.starts_with("--"));
      RC_ASSERT(is_one_line(line));
    }
    RC_ASSERT(is_one_line(visible_line(text)));
    RC_ASSERT(visible(visible(text)) == visible(text));
  }));
}

}  // namespace plumbline
