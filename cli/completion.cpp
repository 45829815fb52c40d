#include "cli/completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "cli/flag_values.h"
#include "cli/options.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

struct Flag {
  std::vector<std::string> words;  // "--output", "-o"
  std::string help;
  bool takes_value = false, takes_file = false;
  std::vector<std::string> values = {};  // that it accepts; none: any
};

struct Entry {
  std::string command, summary;  // the command is empty for what every command has
  std::vector<Flag> flags;
  std::vector<std::string> values;  // of its argument; none: files
};

bool is_path(const std::string& value) {
  return std::ranges::any_of(std::vector<std::string>{"FILE", "DIR"},
                             [&](const std::string& word) { return value.find(word) != std::string::npos; });
}

std::vector<Flag> flags_of(const CLI::App& app) {
  std::vector<Flag> flags;
  for (const CLI::Option* option : app.get_options()) {
    Flag flag{.words = {}, .help = option->get_description()};
    for (const std::string& name : option->get_lnames()) flag.words.push_back("--" + name);
    for (const std::string& name : option->get_snames()) flag.words.push_back("-" + name);
    if (flag.words.empty()) continue;  // an argument
    flag.takes_value = option->get_items_expected_max() > 0;
    flag.takes_file = flag.takes_value && is_path(option->get_type_name());
    if (flag.takes_value) flag.values = flag_values(app.get_name(), flag.words.front());
    flags.push_back(std::move(flag));
  }
  return flags;
}

std::vector<std::string> argument_values(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) return flag_values(app.get_name(), option->get_name());
  }
  return {};
}

std::vector<Entry> entries_of(const CLI::App& app) {
  std::vector<Entry> entries;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    entries.push_back(
        {command->get_name(), command->get_description(), flags_of(*command), argument_values(*command)});
  }
  return entries;
}

std::string all_words(const std::vector<Flag>& flags) {
  std::string words;
  for (const Flag& flag : flags) words.append(words.empty() ? "" : " ").append(join(flag.words, " "));
  return words;
}

// What a shell shows beside a word: one line, without what would end its quotes.
std::string plainly(const std::string& help) {
  std::string result;
  for (const char c : help) {
    if (c == '\'' || c == '`' || c == '$' || c == '\\') continue;
    const char shown = c == '\n' ? ' ' : c;
    if (shown != ' ' || !result.ends_with(' ')) result += shown;
  }
  return result;
}

std::string shown(const std::string& help) {
  std::string result;
  for (const char c : plainly(help)) {
    if (c == '[' || c == ']' || c == ':') result += '\\';
    result += c;
  }
  return result;
}

// "      check:--format|diff:--format) values=... ;;", a line for each set of values.
std::string bash_values(const std::vector<Entry>& entries) {
  std::map<std::string, std::string> patterns;  // by values
  for (const Entry& entry : entries) {
    const auto add = [&](const std::vector<std::string>& values, const std::string& word) {
      std::string& pattern = patterns[join(values, " ")];
      pattern.append(pattern.empty() ? "" : "|").append(entry.command).append(":").append(word);
    };
    if (!entry.values.empty()) add(entry.values, "");
    for (const Flag& flag : entry.flags) {
      for (const std::string& word : flag.words) {
        if (!flag.values.empty()) add(flag.values, word);
      }
    }
  }
  std::string lines;
  for (const auto& [values, pattern] : patterns)
    lines += fmt::format("    {}) values=\"{}\" ;;\n", pattern, values);
  return lines;
}

// Flags of any command with a value that is no file.
std::string bash_valued(const std::vector<Entry>& entries) {
  std::set<std::string> words;
  for (const Entry& entry : entries) {
    for (const Flag& flag : entry.flags) {
      if (flag.takes_value && !flag.takes_file) words.insert(flag.words.begin(), flag.words.end());
    }
  }
  const std::vector<std::string> list(words.begin(), words.end());
  return join(list, "|");
}

std::string bash(const std::vector<Entry>& entries, const std::vector<Flag>& general) {
  std::string names, cases;
  for (const Entry& entry : entries) {
    names.append(names.empty() ? "" : " ").append(entry.command);
    cases += fmt::format("      {}) flags=\"{}\" ;;\n", entry.command, all_words(entry.flags));
  }
  // bash cuts "--format=json" into three words.
  return fmt::format(R"bash(# bash completion for plumbline, written by "plumbline completion bash"
_plumbline() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command='' flags='' values='' word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case " {0} " in *" $word "*) command=$word; break ;; esac
  done
  [[ $current == = ]] && current=''
  [[ $previous == = ]] && previous=${{COMP_WORDS[COMP_CWORD-2]}}
  COMPREPLY=()
  [[ $previous == -* ]] || previous=''
  case $command:$previous in
{4}  esac
  if [[ -n $values && $current != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
    return
  fi
  case $previous in {3}) return ;; esac
  if [[ $current == -* ]]; then
    case $command in
{1}    esac
    mapfile -t COMPREPLY < <(compgen -W "$flags {2}" -- "$current")
  elif [[ -z $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W "{0}" -- "$current")
  else
    compopt -o default 2>/dev/null
  fi
}}
complete -F _plumbline plumbline
)bash",
                     names, cases, all_words(general), bash_valued(entries), bash_values(entries));
}

std::string zsh_flags(const std::vector<Flag>& flags, std::string_view indent) {
  std::string result;
  for (const Flag& flag : flags) {
    for (const std::string& word : flag.words) {
      const std::string value = !flag.values.empty() ? ":value:(" + join(flag.values, " ") + ")"
                                : flag.takes_file    ? ":file:_files"
                                : flag.takes_value   ? ":value:"
                                                     : "";
      result += fmt::format("{}'*{}[{}]{}' \\\n", indent, word, shown(flag.help), value);
    }
  }
  return result;
}

std::string zsh(const std::vector<Entry>& entries, const std::vector<Flag>& general) {
  std::string names, cases;
  for (const Entry& entry : entries) {
    names += fmt::format("    '{}:{}'\n", entry.command, shown(entry.summary));
    const std::string argument =
        entry.values.empty() ? "*:file:_files" : "1:value:(" + join(entry.values, " ") + ")";
    cases += fmt::format("        {})\n          _arguments \\\n{}            $general '{}' ;;\n",
                         entry.command, zsh_flags(entry.flags, "            "), argument);
  }
  return fmt::format(R"zsh(#compdef plumbline
# zsh completion for plumbline, written by "plumbline completion zsh"
_plumbline() {{
  local context state line
  local -a commands general
  commands=(
{0}  )
  general=( \
{2}  )
  _arguments -C $general '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
{1}      esac ;;
  esac
}}
_plumbline "$@"
)zsh",
                     names, cases, zsh_flags(general, "    "));
}

std::string fish_flags(const std::vector<Flag>& flags, const std::string& condition) {
  std::string result;
  for (const Flag& flag : flags) {
    result += "complete -c plumbline" + condition;
    for (const std::string& word : flag.words)
      result += word.starts_with("--") ? " -l " + word.substr(2) : " -s " + word.substr(1);
    if (flag.takes_value) result += flag.takes_file ? " -r -F" : " -x";
    if (!flag.values.empty()) result += " -a '" + join(flag.values, " ") + "'";
    result += fmt::format(" -d '{}'\n", plainly(flag.help));
  }
  return result;
}

std::string fish(const std::vector<Entry>& entries, const std::vector<Flag>& general) {
  std::string result = "# fish completion for plumbline, written by \"plumbline completion fish\"\n";
  for (const Entry& entry : entries) {
    result += fmt::format("complete -c plumbline -n __fish_use_subcommand -f -a {} -d '{}'\n", entry.command,
                          plainly(entry.summary));
  }
  result += fish_flags(general, "");
  for (const Entry& entry : entries) {
    const std::string condition = " -n '__fish_seen_subcommand_from " + entry.command + "'";
    result += fish_flags(entry.flags, condition);
    if (!entry.values.empty())
      result += "complete -c plumbline" + condition + " -f -a '" + join(entry.values, " ") + "'\n";
  }
  return result;
}

}  // namespace

std::string completion_script(const CLI::App& app, std::string_view shell) {
  const std::vector<Entry> entries = entries_of(app);
  const std::vector<Flag> general = flags_of(app);
  if (shell == "bash") return bash(entries, general);
  if (shell == "zsh") return zsh(entries, general);
  if (shell == "fish") return fish(entries, general);
  throw UsageError("there is no completion for the shell \"" + std::string(shell) + "\"",
                   "Say bash, zsh or fish.");
}

}  // namespace plumbline
