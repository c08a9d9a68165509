#include "cli-client/commands/commands.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "cli-client/base/standard_output.h"

namespace parley::client {
namespace {

constexpr const char* kInstallFooter =
    R"help(In every new shell, once the folder is there (mkdir -p FOLDER):
  parley completion bash >~/.local/share/bash-completion/completions/parley
  parley completion fish >~/.config/fish/completions/parley.fish
  parley completion zsh >~/.zfunc/_parley
    with fpath+=(~/.zfunc) in ~/.zshrc, in front of compinit
In this shell alone:
  eval "$(parley completion bash)"        and the same with zsh
  parley completion fish | source)help";

constexpr const char* kBellWords = "never idle always";

// For a shell to show in one line: the first sentence, quoted.
std::string first_sentence(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  text = text.substr(0, std::min(text.find(". "), text.find("; ")));
  std::string quoted;
  for (const char c : text) quoted += c == '\'' ? "\\'" : std::string(1, c);
  return quoted;
}

std::string names_of(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands({})) names += (names.empty() ? "" : " ") + command->get_name();
  return names;
}

std::string options_of(const CLI::App& command) {
  std::string options;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) options += (options.empty() ? "--" : " --") + name;
  }
  return options;
}

std::string for_bash(const CLI::App& app) {
  std::string out =
      "_parley() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} words=\n"
      "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
      "    words='" +
      names_of(app) +
      " --help --version'\n"
      "  elif [[ $current == -* ]]; then\n"
      "    case ${COMP_WORDS[1]} in\n";
  for (const CLI::App* command : app.get_subcommands({})) {
    out += "      " + command->get_name() + ") words='" + options_of(*command) + "' ;;\n";
  }
  return out +
         "    esac\n"
         "  elif [ \"${COMP_WORDS[1]}\" = completion ]; then\n"
         "    words='bash zsh fish'\n"
         "  elif [ \"${COMP_WORDS[COMP_CWORD-1]}\" = --bell ]; then\n"
         "    words='" +
         kBellWords +
         "'\n"
         "  fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "}\n"
         "complete -o default -F _parley parley\n";
}

std::string for_zsh(const CLI::App& app) {
  std::string out =
      "#compdef parley\n"
      "_parley() {\n"
      "  if (( CURRENT == 2 )); then\n"
      "    compadd -- " +
      names_of(app) +
      " --help --version\n"
      "  elif [[ $PREFIX == -* ]]; then\n"
      "    case $words[2] in\n";
  for (const CLI::App* command : app.get_subcommands({})) {
    out += "      " + command->get_name() + ") compadd -- " + options_of(*command) + " ;;\n";
  }
  return out +
         "    esac\n"
         "  elif [[ $words[2] == completion ]]; then\n"
         "    compadd bash zsh fish\n"
         "  elif [[ $words[CURRENT-1] == --bell ]]; then\n"
         "    compadd " +
         kBellWords +
         "\n"
         "  else\n"
         "    _files\n"
         "  fi\n"
         "}\n"
         // From a file in fpath this is the body of _parley, called at the first Tab; else it is only to be known.
         "if [[ $funcstack[1] == _parley ]]; then\n"
         "  _parley \"$@\"\n"
         "else\n"
         "  compdef _parley parley\n"
         "fi\n";
}

std::string for_fish(const CLI::App& app) {
  std::string out;
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string& name = command->get_name();
    out += "complete -c parley -n __fish_use_subcommand -f -a " + name + " -d '" +
           first_sentence(command->get_description()) + "'\n";
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& word : option->get_lnames()) {
        const std::string value = word == "bell"                   ? std::string(" -x -a '") + kBellWords + "'"
                                  : option->get_expected_min() > 0 ? " -r"
                                                                   : "";
        out += "complete -c parley -n '__fish_seen_subcommand_from " + name + "' -l " + word + value + " -d '" +
               first_sentence(option->get_description()) + "'\n";
      }
    }
  }
  return out + "complete -c parley -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n";
}

const CLI::Validator kShellCheck(
    [](std::string& text) -> std::string {
      if (text == "bash" || text == "zsh" || text == "fish") return {};
      return "\"" + text + "\" is none of bash, zsh and fish";
    },
    "");

}  // namespace

void add_completion_command(CLI::App& app, std::function<int()>& run) {
  CLI::App* command =
      app.add_subcommand("completion", "Print a shell's completions. For bash: eval \"$(parley completion bash)\"");
  command->footer(kInstallFooter);
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(kShellCheck)->type_name("SHELL");
  command->callback([&app, shell, &run] {
    run = [&app, shell] {
      const std::string text = *shell == "bash" ? for_bash(app) : *shell == "zsh" ? for_zsh(app) : for_fish(app);
      return print_out(text);
    };
  });
}

}  // namespace parley::client
