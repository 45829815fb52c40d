#include "migrations/secrets.h"

#include <algorithm>
#include <array>
#include <regex>
#include <vector>

#include "migrations/parser.h"
#include "migrations/scan.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

constexpr std::string_view hidden = "'***'";
constexpr std::size_t shortest_secret = 3;  // a shorter one would be found everywhere

// Which constants of a statement are hidden.
enum class Depth { those_with_passwords, bodies, all };

// Of settings, those with a point are an application's.
bool names_secret(std::string_view sql) {
  static const std::regex name(R"(\w\.\w|pass|pwd|secret|token|conninfo|key|command)", std::regex::icase);
  return std::regex_search(sql.begin(), sql.end(), name);
}

Depth depth_of(std::string_view sql) {
  constexpr std::array secretive{"CreateRoleStmt",
                                 "AlterRoleStmt",
                                 "CreateUserMappingStmt",
                                 "AlterUserMappingStmt",
                                 "CreateSubscriptionStmt",
                                 "AlterSubscriptionStmt",
                                 "CreateFdwStmt",
                                 "AlterFdwStmt",
                                 "CreateForeignServerStmt",
                                 "AlterForeignServerStmt",
                                 "CreateForeignTableStmt",
                                 "ImportForeignSchemaStmt",
                                 "ExecuteStmt"};
  constexpr std::array settings{"VariableSetStmt", "AlterRoleSetStmt", "AlterDatabaseSetStmt",
                                "AlterSystemStmt"};
  const ParsedStatement parsed = parse_statement(sql);
  if (!parsed.parsed) return Depth::all;
  const std::string_view node = parsed.node;
  if (std::find(secretive.begin(), secretive.end(), node) != secretive.end()) return Depth::all;
  if (std::find(settings.begin(), settings.end(), node) != settings.end())
    return names_secret(sql) ? Depth::all : Depth::those_with_passwords;
  if (node == "DoStmt" || node == "CreateFunctionStmt") return Depth::bodies;
  if (node != "CopyStmt") return Depth::those_with_passwords;
  for (const Token& token : significant_tokens(sql)) {
    if (token.type == Token::Type::word && same_word(token.of(sql), "program")) return Depth::all;
  }
  return Depth::those_with_passwords;
}

bool has_password_within(const std::string& text) {
  static const std::regex key(R"((pass|pwd|secret|token|credential|api_?key)\w*['"]?\s*(=|:|\bto\b|\s*['$]))",
                              std::regex::icase);
  static const std::regex url(R"(\w://[^\s/:@]*:[^\s@]+@)");
  return std::regex_search(text, key) || std::regex_search(text, url);
}

// In pieces, since std::regex recurses; each begins in the one before.
bool holds_password(std::string_view text) {
  constexpr std::size_t piece = 4096, overlap = 512;
  for (std::size_t at = 0; at < text.size(); at += piece - overlap) {
    if (has_password_within(std::string(text.substr(at, piece)))) return true;
  }
  return false;
}

// What stands between the quotes, with the quotes of a constant that was cut off.
std::string_view inside(std::string_view constant) {
  const std::size_t quote = constant.find_first_of("'$");
  if (quote == std::string_view::npos) return constant;
  if (constant[quote] == '\'') {
    const std::size_t end =
        constant.size() > quote + 1 && constant.back() == '\'' ? constant.size() - 1 : constant.size();
    return constant.substr(quote + 1, end - quote - 1);
  }
  const std::size_t tag = constant.find('$', quote + 1) + 1 - quote;
  const std::size_t size = constant.size() - quote;
  return size >= 2 * tag ? constant.substr(quote + tag, size - 2 * tag) : constant;
}

// Hides constants and remembers them.
class Hiding {
 public:
  std::string statement(std::string_view sql, Depth depth) {
    std::string result;
    Scanner scanner(sql);
    for (Token token = scanner.next(); token.type != Token::Type::end; token = scanner.next()) {
      const std::string_view part = token.of(sql);
      result += token.type == Token::Type::string ? constant(part, depth) : std::string(part);
    }
    return result;
  }

  const std::vector<std::string>& secrets() const { return secrets_; }

 private:
  std::string constant(std::string_view part, Depth depth) {
    const std::string_view text = inside(part);
    if (depth == Depth::bodies && text.find_first_of(" \n") != std::string_view::npos)
      return body(part, text);
    const bool is_secret = depth == Depth::all || holds_password(text);
    if (!is_secret) return std::string(part);
    secrets_.emplace_back(text);
    if (std::string plain = replaced_all(text, "''", "'"); plain != text)
      secrets_.push_back(std::move(plain));
    return std::string(hidden);
  }

  // A body is many statements; where one of them may set a secret, all its constants are hidden.
  std::string body(std::string_view part, std::string_view text) {
    static constexpr std::array marks{"password", "mapping", "subscription", "server",
                                      "dblink",   "secret",  "set_config"};
    const std::string lower = to_lower(text);
    const bool all = std::any_of(marks.begin(), marks.end(),
                                 [&](const char* mark) { return lower.find(mark) != std::string::npos; });
    const std::size_t begin = static_cast<std::size_t>(text.data() - part.data());
    return std::string(part.substr(0, begin)) +
           statement(text, all ? Depth::all : Depth::those_with_passwords) +
           std::string(part.substr(begin + text.size()));
  }

  static std::string replaced_all(std::string_view text, std::string_view what, std::string_view by) {
    std::string result(text);
    for (std::size_t at = result.find(what); at != std::string::npos; at = result.find(what, at + by.size()))
      result.replace(at, what.size(), by);
    return result;
  }

  std::vector<std::string> secrets_;
};

std::string without(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.size() < shortest_secret) continue;
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
      text.replace(at, secret.size(), "***");
  }
  return text;
}

// PL/pgSQL names the statement that it was at, which may have been put together on the way.
std::string without_inner_secrets(const std::string& context) {
  constexpr std::string_view opening = "SQL statement \"", closing = "\"\n";
  const std::size_t at = context.find(opening);
  if (at == std::string::npos) return context;
  const std::size_t begin = at + opening.size();
  std::size_t end = context.find(closing, begin);
  if (end == std::string::npos) end = context.ends_with('"') ? context.size() - 1 : context.size();
  return context.substr(0, begin) + without_secrets(std::string_view(context).substr(begin, end - begin)) +
         without_inner_secrets(context.substr(end));
}

}  // namespace

std::string without_secrets(std::string_view sql) { return Hiding().statement(sql, depth_of(sql)); }

Error without_secrets(const Error& error, std::string_view sql) {
  Hiding hiding;
  hiding.statement(sql, depth_of(sql));
  const std::vector<std::string>& secrets = hiding.secrets();
  Error::ServerReport report = error.report();
  report.detail = without(report.detail, secrets);
  report.context = without(without_inner_secrets(report.context), secrets);
  return {without(error.message(), secrets), without(error.hint(), secrets), report};
}

}  // namespace plumbline
