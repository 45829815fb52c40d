#include "cli/output.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>
#include <set>
#include <streambuf>

#include "cli/descriptors.h"
#include "cli/options.h"
#include "cli/suggest.h"
#include "cli/trust.h"
#include "postgres/text.h"
#include "report/formats.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

// Endings of formats that somebody may think of and that there are not.
constexpr std::string_view no_formats[] = {".yaml", ".yml", ".csv", ".pdf", ".docx"};

// A stream of bytes into a file descriptor that remembers why it failed.
class FileBuffer : public std::streambuf {
 public:
  explicit FileBuffer(int file) : file_(file) { setp(bytes_.data(), bytes_.data() + bytes_.size()); }
  int failure() const { return failure_; }  // errno

 protected:
  int_type overflow(int_type c) override {
    if (sync() != 0) return traits_type::eof();
    if (!traits_type::eq_int_type(c, traits_type::eof())) sputc(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
  }

  int sync() override {
    const char* at = pbase();
    while (failure_ == 0 && at < pptr()) {
      const ssize_t written = ::write(file_, at, static_cast<std::size_t>(pptr() - at));
      if (written >= 0) at += written;
      if (written < 0 && errno != EINTR) failure_ = errno;
    }
    setp(bytes_.data(), bytes_.data() + bytes_.size());
    return failure_ == 0 ? 0 : -1;
  }

 private:
  int file_;
  int failure_ = 0;
  std::array<char, 65536> bytes_;
};

[[noreturn]] void cannot_write(const std::string& name, int reason, const std::string& hint = {}) {
  throw Error("cannot write \"" + name + "\": " + std::strerror(reason), hint);
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

std::string hint_for(int reason, const fs::path& folder) {
  if (reason == ENOENT) return "Make the folder \"" + folder.string() + "\" first.";
  if (reason == ENOSPC || reason == EDQUOT)
    return "Make room on the disk; the file that was there is unchanged.";
  if (reason == EACCES || reason == EROFS) return "Choose a folder that may be written to.";
  return {};
}

// errno of the first thing that went wrong, 0 for none.
int write_to(int file, const Output& output, const OutputWriter& writer) {
  FileBuffer buffer(file);
  std::ostream stream(&buffer);
  writer(output, stream);
  stream.flush();
  return buffer.failure();
}

[[noreturn]] void stdout_failed(int reason) {
  if (reason == EBADF)
    throw Error("stdout is closed: there is nowhere to write to", "Redirect it, if only to /dev/null.");
  cannot_write("stdout", reason, reason == ENOSPC || reason == EDQUOT ? "Make room on the disk." : "");
}

void write_stdout(const Output& output, const OutputWriter& writer) {
  const int failure = write_to(STDOUT_FILENO, output, writer);
  if (failure != 0 && failure != EPIPE) stdout_failed(failure);
}

// A file beside the one it will replace; it goes unless it is kept.
class NewFile {
 public:
  explicit NewFile(const fs::path& target) : target_(target), folder_(folder_of(target)) {
    name_ = (folder_ / ("." + target.filename().string() + ".XXXXXX")).string();
    file_ = mkostemp(name_.data(), O_CLOEXEC);
    if (file_ < 0) {
      const int reason = errno;
      cannot_write(target_.string(), reason, hint_for(reason, folder_));
    }
  }
  ~NewFile() {
    if (file_ >= 0) close(file_);
    if (!kept_) unlink(name_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  int descriptor() const { return file_; }

  void keep() {
    if (fchmod(file_, mode()) != 0 || fsync(file_) != 0) fail(errno);
    const int closed = close(file_);
    file_ = -1;
    if (closed != 0 || rename(name_.c_str(), target_.c_str()) != 0) fail(errno);
    kept_ = true;
    sync_folder();
  }

  [[noreturn]] void fail(int reason) const {
    cannot_write(target_.string(), reason, hint_for(reason, folder_));
  }

 private:
  // As the old one, else as any new file.
  mode_t mode() const {
    struct stat old {};
    if (stat(target_.c_str(), &old) == 0) return old.st_mode & 07777;
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
  }

  // So that the new name outlives a loss of power, where the file system can do that.
  void sync_folder() const {
    const int folder = open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    fsync(folder);
    close(folder);
  }

  fs::path target_, folder_;
  std::string name_;
  int file_ = -1;
  bool kept_ = false;
};

// A pipe, a terminal or /dev/null is written to as it is.
void write_special(const Output& output, const OutputWriter& writer) {
  const int file = open(output.file.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) cannot_write(output.file, errno);
  const int failure = write_to(file, output, writer);
  close(file);
  if (failure != 0 && failure != EPIPE) cannot_write(output.file, failure);
}

fs::file_status status_of(const Output& output) {
  std::error_code failed;
  const fs::file_status status = fs::status(output.file, failed);
  if (fs::is_directory(status)) cannot_write(output.file, EISDIR, "Name a file in it.");
  return status;
}

void write_file(const Output& output, const OutputWriter& writer) {
  std::error_code failed;
  const fs::file_status status = status_of(output);
  if (fs::exists(status) && !fs::is_regular_file(status)) return write_special(output, writer);
  if (leads_out_of_project(output.file))
    throw Error("\"" + output.file + "\" is not written, since a link leads from there out of the checkout",
                "Remove the link, or name the place itself.");
  // A link stays one: what it points at is replaced.
  const fs::path target = fs::is_symlink(output.file, failed) && fs::exists(status)
                              ? fs::canonical(output.file)
                              : fs::path(output.file);
  NewFile file(target);
  if (const int failure = write_to(file.descriptor(), output, writer); failure != 0) file.fail(failure);
  file.keep();
}

std::string canonical_format(const std::string& name) {
  if (const Format* format = find_format(name)) return std::string(format->name);
  const std::vector<std::string>& known = format_names();
  const std::string near = did_you_mean(name, known);
  throw UsageError("unknown format \"" + name + "\"", (near.empty() ? "" : "Did you mean " + near + "? ") +
                                                          "Known are: " + join(known, ", ") + ".");
}

std::string format_of(const std::string& file, const Settings& settings) {
  if (!settings.format.empty()) return canonical_format(settings.format);
  std::string usual = settings.usual_format.empty() ? "text" : canonical_format(settings.usual_format);
  if (const Format* format = format_of_file(file)) return std::string(format->name);
  const std::string ending = to_lower(fs::path(file).extension().string());
  if (std::ranges::find(no_formats, ending) == std::end(no_formats)) return usual;
  throw UsageError("there is no report format for \"" + file + "\"",
                   "Use the ending .txt, .md, .json, .html, .sarif, .xml or .prom, or say --format.");
}

int terminal_width() {
  winsize size{};
  return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

// "FILE" or "FORMAT=FILE"; what stands before another equals sign is part of the name.
Output output_of(const std::string& said, const Settings& settings) {
  const std::size_t equals = said.find('=');
  const Format* named = equals == std::string::npos ? nullptr : find_format(said.substr(0, equals));
  const std::string file = named ? said.substr(equals + 1) : said;
  if (file.empty())
    throw UsageError("no file is named in \"" + said + "\"", "Write FORMAT=FILE, or FORMAT=- for stdout.");
  std::string format = named ? std::string(named->name) : format_of(file == "-" ? "" : file, settings);
  if (file == "-") return {"", std::move(format), settings.colour, terminal_width()};
  return {file, std::move(format)};
}

}  // namespace

const std::vector<std::string>& format_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Format& format : formats()) list.emplace_back(format.name);
    return list;
  }();
  return names;
}

std::vector<Output> outputs_of(const Settings& settings) {
  std::vector<Output> result;
  for (const std::string& said : settings.outputs) result.push_back(output_of(said, settings));
  if (result.empty()) result.push_back(output_of("-", settings));
  return result;
}

bool wants(const Settings& settings, std::string_view format) {
  return std::ranges::any_of(outputs_of(settings),
                             [&](const Output& output) { return output.format == format; });
}

// The second would replace the first without a word.
void refuse_same_file(const std::vector<Output>& outputs) {
  std::set<fs::path> seen;
  for (const Output& output : outputs) {
    std::error_code failed;
    fs::path file =
        output.file.empty() ? fs::path("-") : fs::weakly_canonical(fs::absolute(output.file), failed);
    if (fs::exists(file, failed) && !fs::is_regular_file(file, failed)) continue;  // a pipe takes both
    if (!seen.insert(std::move(file)).second) {
      throw UsageError("two outputs go to " + (output.file.empty() ? "stdout" : "\"" + output.file + "\""),
                       "Name a file of its own for each.");
    }
  }
}

void check_outputs(const Settings& settings) {
  refuse_same_file(outputs_of(settings));
  for (const Output& output : outputs_of(settings)) {
    if (output.file.empty() && !stdout_takes_writes()) stdout_failed(EBADF);
    if (output.file.empty()) continue;
    const fs::file_status status = status_of(output);
    if (fs::exists(status) && !fs::is_regular_file(status)) continue;
    const fs::path folder = folder_of(output.file);
    if (access(folder.c_str(), W_OK | X_OK) != 0) {
      const int reason = errno;
      cannot_write(output.file, reason, hint_for(reason, folder));
    }
  }
}

void print(std::string_view text) {
  write_stdout({}, [text](const Output&, std::ostream& out) { out << text; });
}

void write_output(const Settings& settings, const OutputWriter& writer) {
  for (const Output& output : outputs_of(settings)) {
    output.file.empty() ? write_stdout(output, writer) : write_file(output, writer);
  }
}

}  // namespace plumbline
