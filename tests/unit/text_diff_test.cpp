#include <catch2/catch.hpp>
#include <chrono>

#include "postgres/text.h"
#include "report/report.h"

namespace plumbline {
namespace {

std::string numbered(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}

// What is left of a diff with all lines of context when only one side is kept.
std::string side(const std::string& diff, char mine) {
  std::string text;
  for (const std::string& line : split(diff, '\n')) {
    if (!line.empty() && (line[0] == ' ' || line[0] == mine)) text += line.substr(1) + "\n";
  }
  return text;
}

TEST_CASE("equal texts have no diff") { CHECK(unified_diff("a\nb\n", "a\nb\n").empty()); }

TEST_CASE("a changed line stands between its neighbours") {
  CHECK(unified_diff("a\nb\nc\n", "a\nx\nc\n") == "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
}

TEST_CASE("removed lines come before those that took their place") {
  CHECK(unified_diff("a\nb\n", "c\nd\n") == "@@ -1,2 +1,2 @@\n-a\n-b\n+c\n+d\n");
}

TEST_CASE("an empty side has the range that diff -u gives it") {
  CHECK(unified_diff("", "a\n") == "@@ -0,0 +1 @@\n+a\n");
  CHECK(unified_diff("a\nb\n", "") == "@@ -1,2 +0,0 @@\n-a\n-b\n");
}

TEST_CASE("only lines near a difference are shown") {
  std::string changed = numbered(30);
  changed.replace(changed.find("line 15\n"), 8, "another\n");
  CHECK(unified_diff(numbered(30), changed, 1) ==
        "@@ -14,3 +14,3 @@\n line 14\n-line 15\n+another\n line 16\n");
}

TEST_CASE("differences far apart are hunks of their own") {
  std::string changed = numbered(30);
  changed.replace(changed.find("line 5\n"), 7, "");
  changed += "line 31\n";
  CHECK(unified_diff(numbered(30), changed, 1) ==
        "@@ -4,3 +4,2 @@\n line 4\n-line 5\n line 6\n@@ -30 +29,2 @@\n line 30\n+line 31\n");
}

TEST_CASE("carriage returns and blanks at the end of a line are visible") {
  CHECK(unified_diff("a\r\nb\n", "a\nb\n") == "@@ -1,2 +1,2 @@\n-a\\r\n+a\n b\n");
  CHECK(unified_diff("a \t\n", "a\n") == "@@ -1 +1 @@\n-a\u00b7\\t\n+a\n");
}

TEST_CASE("a missing newline at the end is said when only one side lacks it") {
  CHECK(unified_diff("a\n", "b") == "@@ -1 +1 @@\n-a\n+b\n\\ only the expected text ends with a newline\n");
  CHECK(unified_diff("a\n", "a") == "\\ only the expected text ends with a newline\n");
  CHECK(unified_diff("a", "b") == "@@ -1 +1 @@\n-a\n+b\n");
}

TEST_CASE("both sides of a diff can be read from it") {
  unsigned seed = GENERATE(range(1u, 60u));
  const auto next = [&seed] { return (seed = seed * 1103515245u + 12345u) >> 16; };
  std::string expected, actual;
  for (int i = 0; i < 40; ++i) {
    const std::string line = "line " + std::to_string(next() % 7) + "\n";
    const unsigned choice = next() % 4;
    if (choice != 0) expected += line;
    if (choice != 1) actual += line;
    if (choice == 2) actual += "new\n";
  }
  const std::string diff = unified_diff(expected, actual, 1000);
  if (expected != actual) CHECK(side(diff, '-') == expected);
  if (expected != actual) CHECK(side(diff, '+') == actual);
}

TEST_CASE("very long texts without a common line are shown as replaced, in time") {
  std::string expected, actual;
  for (int i = 0; i < 20'000; ++i) {
    expected += "old " + std::to_string(i) + "\n";
    actual += "new " + std::to_string(i) + "\n";
  }
  const auto start = std::chrono::steady_clock::now();
  const std::string diff = unified_diff("same\n" + expected + "end\n", "same\n" + actual + "end\n");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  CHECK(diff.starts_with("@@ -1,20002 +1,20002 @@\n same\n-old 0\n-old 1\n"));
  CHECK(diff.ends_with("+new 19999\n end\n"));
}

}  // namespace
}  // namespace plumbline
