#include "cli/help.h"

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/wrap.h"
#include "postgres/text.h"
#include "report/report.h"
#include "tests/support/golden.h"

namespace plumbline {
namespace {

std::string help(const std::string& command) {
  const char* words[] = {"plumbline", command.c_str(), "--help"};
  return command.empty() ? parse_options(2, std::array{"plumbline", "--help"}.data()).print
                         : parse_options(3, words).print;
}

std::vector<std::string> all_names() {
  std::vector<std::string> names{""};
  for (const Command& command : all_commands()) names.emplace_back(command.name);
  return names;
}

std::string file_of(const std::string& command) { return (command.empty() ? "plumbline" : command) + ".txt"; }

}  // namespace

TEST_CASE("each help is word for word the one that was reviewed") {
  for (const std::string& command : all_names()) {
    const std::string text = help(command), reviewed = golden("help/" + file_of(command), text);
    INFO("the help of \"plumbline "
         << command << "\" is not tests/golden/help/" << file_of(command) << ":\n"
         << unified_diff(reviewed, text)
         << "UPDATE_GOLDEN=1 build/dev/unit_tests \"each help*\" rewrites the files");
    CHECK((text == reviewed));
  }
}

TEST_CASE("every reviewed help is that of a command") {
  std::set<std::string> files;
  for (const std::string& command : all_names()) files.insert(file_of(command));
  for (const auto& entry : std::filesystem::directory_iterator(PLUMBLINE_SOURCE "/tests/golden/help"))
    CHECK(files.contains(entry.path().filename().string()));
}

TEST_CASE("help fits a terminal") {
  for (const std::string& command : all_names()) {
    for (const std::string& line : split(help(command), '\n')) {
      INFO(command << ": " << line);
      CHECK(line.size() <= 90);
      CHECK_FALSE(line.ends_with(' '));
    }
  }
}

TEST_CASE("the list of commands has a line for each, as scripts read it") {
  const std::string text = help("");
  const std::string list = text.substr(text.find("Commands:\n") + 10);
  std::size_t place = 0;
  const std::vector<std::string> lines = split(list, '\n');
  for (const Command& command : all_commands()) {
    CHECK(lines.at(place).starts_with("  " + std::string(command.name) + " "));
    CHECK(lines.at(place++).find(command.summary) == 20);
  }
  CHECK(lines.at(place).empty());
}

TEST_CASE("a command's help names the formats that it writes and no other") {
  CHECK(help("impact").find("text, markdown or json (default") != std::string::npos);
  CHECK(help("impact").find("sarif") == std::string::npos);
  CHECK(help("check").find("sarif") != std::string::npos);
  CHECK(flag_values("snapshot", "--format") == std::vector<std::string>{"json", "sql"});
}

TEST_CASE("text is wrapped at words, and a long word has a line of its own") {
  CHECK(wrapped("one two three", 7) == "one two\nthree");
  CHECK(wrapped("one two three", 7, "> ", 4) == "one\n> two\n> three");
  CHECK(wrapped("a longer-than-that b", 5) == "a\nlonger-than-that\nb");
  CHECK(wrapped("a\n  b c", 80, "  ") == "a\n    b c");
  CHECK(wrapped("", 10) == "");
}

}  // namespace plumbline
