#include "cli/output.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <ostream>

#include "cli/log.h"
#include "cli/options.h"
#include "tests/support/migrations.h"
#include "tests/support/surroundings.h"

namespace plumbline {
namespace {

using testing::WorkingFolder;

Settings writing_to(const std::vector<std::string>& files) {
  Settings settings;
  settings.outputs = files;
  return settings;
}

void write_text(const Settings& settings, const std::string& text) {
  write_output(settings, [&](const Output&, std::ostream& out) { out << text; });
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST_CASE("what cannot be written is said before the work") {
  const WorkingFolder folder;
  std::filesystem::create_directory("folder");
  CHECK_THROWS_WITH(check_outputs(writing_to({"md=folder"})), Catch::Contains("Is a directory"));
  CHECK_THROWS_WITH(check_outputs(writing_to({"nowhere/a.md"})), Catch::Contains("No such file"));
  std::filesystem::permissions("folder",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  if (geteuid() != 0)
    CHECK_THROWS_WITH(check_outputs(writing_to({"folder/a.md"})), Catch::Contains("denied"));
  std::filesystem::permissions("folder", std::filesystem::perms::owner_all);
}

TEST_CASE("two outputs do not go to one file") {
  const WorkingFolder folder;
  for (const auto& files : std::vector<std::vector<std::string>>{
           {"a.md", "a.md"}, {"a.md", "html=./a.md"}, {"-", "sarif=-"}, {"html=b", "sarif=b"}}) {
    CHECK_THROWS_AS(check_outputs(writing_to(files)), UsageError);
  }
  CHECK_NOTHROW(check_outputs(writing_to({"a.md", "a.html", "-"})));
  CHECK_NOTHROW(check_outputs(writing_to({"md=/dev/null", "html=/dev/null"})));
}

TEST_CASE("each output file gets the format of its ending") {
  const std::vector<Output> outputs = outputs_of(writing_to({"a.md", "b.JSON", "c.txt", "d", "-"}));
  REQUIRE(outputs.size() == 5);
  CHECK(outputs[0].format == "markdown");
  CHECK(outputs[1].format == "json");
  CHECK(outputs[2].format == "text");
  CHECK(outputs[3].format == "text");
  CHECK(outputs[4].file.empty());
}

TEST_CASE("a format that a flag names counts for more than the ending, a usual one for less") {
  Settings settings = writing_to({"a.json", "a"});
  settings.usual_format = "markdown";
  CHECK(outputs_of(settings)[0].format == "json");
  CHECK(outputs_of(settings)[1].format == "markdown");
  settings.format = "md";
  CHECK(outputs_of(settings)[0].format == "markdown");
}

TEST_CASE("an output may name its format before the file") {
  const std::vector<Output> outputs = outputs_of(writing_to(
      {"gitlab=gl.json", "github=-", "a=b.html", "drift.sarif.json", "gl-code-quality-report.json"}));
  CHECK(outputs[0].format == "gitlab");
  CHECK(outputs[0].file == "gl.json");
  CHECK(outputs[1].format == "github");
  CHECK(outputs[1].file.empty());
  CHECK(outputs[2].format == "html");
  CHECK(outputs[2].file == "a=b.html");
  CHECK(outputs[3].format == "sarif");
  CHECK(outputs[4].format == "gitlab");
  CHECK_THROWS_AS(outputs_of(writing_to({"sarif="})), UsageError);
}

TEST_CASE("an unknown format is wrong usage") {
  Settings settings;
  settings.format = "jsn";
  CHECK_THROWS_AS(outputs_of(settings), UsageError);
  CHECK(testing::error_of([&] { outputs_of(settings); }) ==
        "unknown format \"jsn\"\nDid you mean json? Known are: text, markdown, json, html, sarif, junit, "
        "github, "
        "github-summary, gitlab, prometheus.");
  CHECK_THROWS_AS(outputs_of(writing_to({"report.yaml"})), UsageError);
}

TEST_CASE("colours never go to a file") {
  Settings settings = writing_to({"a.txt", "-"});
  settings.colour = true;
  CHECK_FALSE(outputs_of(settings)[0].colour);
  CHECK(outputs_of(settings)[1].colour);
}

TEST_CASE("a file is replaced as a whole and keeps its permissions") {
  const WorkingFolder folder;
  folder.write("report.txt", "old");
  REQUIRE(chmod("report.txt", 0640) == 0);
  write_text(writing_to({"report.txt"}), std::string(200000, 'n'));
  CHECK(folder.read("report.txt") == std::string(200000, 'n'));
  struct stat facts {};
  REQUIRE(stat("report.txt", &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0640);
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a new file has the permissions of any new file") {
  const WorkingFolder folder;
  const mode_t before = umask(027);
  write_text(writing_to({"report.txt"}), "new");
  umask(before);
  struct stat facts {};
  REQUIRE(stat("report.txt", &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0640);
}

TEST_CASE("when writing fails half way the old file stays and nothing else does") {
  const WorkingFolder folder;
  folder.write("report.txt", "old");
  CHECK_THROWS_AS(write_output(writing_to({"report.txt"}),
                               [](const Output&, std::ostream& out) {
                                 out << "half";
                                 throw Error("the other half is missing");
                               }),
                  Error);
  CHECK(folder.read("report.txt") == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a full disk is an error that says so") {
  if (access("/dev/full", W_OK) != 0) {
    WARN("no /dev/full on this machine");
    return;
  }
  CHECK(testing::error_of([] { write_text(writing_to({"/dev/full"}), "text"); }) ==
        "cannot write \"/dev/full\": No space left on device\n");
}

TEST_CASE("when there is no room for the new file the old one stays") {
  const WorkingFolder folder;
  folder.write("report.txt", "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit little{1000, before.rlim_max};
  const auto usual = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &little);
  const std::string error =
      testing::error_of([] { write_text(writing_to({"report.txt"}), std::string(200000, 'n')); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, usual);
  CHECK(error == "cannot write \"report.txt\": File too large\n");
  CHECK(folder.read("report.txt") == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a folder that is missing is known before the work") {
  const WorkingFolder folder;
  check_outputs(writing_to({"report.txt", "-"}));
  CHECK_THROWS_AS(check_outputs(writing_to({"no/report.txt"})), Error);
}

TEST_CASE("a folder that is missing, and one that is named as a file, are errors that say so") {
  const WorkingFolder folder;
  CHECK(testing::error_of([] { write_text(writing_to({"no/report.txt"}), "text"); }) ==
        "cannot write \"no/report.txt\": No such file or directory\nMake the folder \"no\" first.");
  folder.write("sub/file", "");
  CHECK(testing::error_of([] { write_text(writing_to({"sub"}), "text"); }) ==
        "cannot write \"sub\": Is a directory\nName a file in it.");
}

TEST_CASE("a symbolic link stays one and its target is replaced") {
  const WorkingFolder folder;
  folder.write("real/report.txt", "old");
  std::filesystem::create_symlink("real/report.txt", "link.txt");
  write_text(writing_to({"link.txt"}), "new");
  CHECK(std::filesystem::is_symlink("link.txt"));
  CHECK(folder.read("real/report.txt") == "new");
}

TEST_CASE("a progress line says what is done, how far and for how long, in the width there is") {
  using std::chrono::milliseconds;
  CHECK(log::progress_text("replaying 0012_orders.sql", 12, 48, milliseconds(3400), 80) ==
        "[#####               ] 12/48 replaying 0012_orders.sql, 3 s");
  CHECK(log::progress_text("starting a server", 0, 0, milliseconds(400), 80) == "starting a server, 0 s");
  for (std::size_t width : {0, 10, 30, 50}) {
    CHECK(
        log::progress_text("replaying a file with quite a long name", 5, 9, milliseconds(0), width).size() <=
        width);
  }
  CHECK(log::plain_progress_text("reading\nindexes", 2, 9, milliseconds(61000)) ==
        "reading\\nindexes: 2/9, 61 s");
}

TEST_CASE("an error shows what the server added and what to do") {
  const Error error("column \"x\" does not exist", "Check the spelling.",
                    Error::ServerReport{.sqlstate = "42703", .detail = "more", .context = "line 3"});
  CHECK(log::error_text(error) ==
        "column \"x\" does not exist\ndetail: more\ncontext: line 3\nhint: Check the spelling.");
}

}  // namespace
}  // namespace plumbline
