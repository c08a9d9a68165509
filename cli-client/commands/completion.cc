#include "cli-client/commands/commands.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "cli-client/base/standard_output.h"
#include "cli-client/base/words.h"
#include "cli-client/commands/help.h"
#include "cli-client/meeting/known_relays.h"
#include "cli-client/meeting/relay_options.h"
#include "cli-client/settings/bell.h"
#include "cli-client/settings/settings_file.h"

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

constexpr std::string_view kShells[] = {"bash", "zsh", "fish"};
// What the scripts call for the relays.
constexpr std::string_view kRelays = "relays";

// For a shell to show in one line.
std::string described(const std::string& text) {
  std::string quoted;
  for (const char c : first_sentence(text)) quoted += c == '\'' ? "\\'" : std::string(1, c);
  return quoted;
}

std::string setting_names() {
  std::string names;
  for (const Setting& setting : settings_table()) names += (names.empty() ? "" : " ") + std::string(setting.name);
  return names;
}

// The one that is set, and those that were trusted, a line each, as they would be typed.
std::string relay_lines() {
  std::vector<Endpoint> relays = known_relays();
  const auto settings = load_settings();
  if (const auto set = settings ? settings->find("relay") : std::nullopt) {
    if (const auto relay = read_relay(set->text)) relays.insert(relays.begin(), *relay);
  }
  std::vector<std::string> lines;
  for (const Endpoint& relay : relays) {
    std::string text = relay.text();
    if (relay.port == kRelayPort) text.erase(text.rfind(':'));
    if (std::ranges::find(lines, text) == lines.end()) lines.push_back(std::move(text));
  }
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
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
      "  local current=${COMP_WORDS[COMP_CWORD]} at=$COMP_CWORD front= words=\n"
      // bash cuts HOST:PORT into three words.
      "  if [ \"$current\" = : ]; then\n"
      "    front=${COMP_WORDS[at-1]}: current= at=$((at-1))\n"
      "  elif [ \"${COMP_WORDS[at-1]}\" = : ]; then\n"
      "    front=${COMP_WORDS[at-2]}: at=$((at-2))\n"
      "  fi\n"
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
         "  elif [ \"${COMP_WORDS[1]}\" = config ] && [ \"$at\" -le 3 ]; then\n"
         "    words='" +
         joined(kConfigActions, " ") +
         "'\n"
         "    if [ \"$at\" = 3 ]; then words='" +
         setting_names() +
         "'; fi\n"
         "  elif [ \"${COMP_WORDS[at-1]}\" = --bell ]; then\n"
         "    words='" +
         joined(kBellWords, " ") +
         "'\n"
         "  elif [ \"${COMP_WORDS[at-1]}\" = --relay ] || [ \"${COMP_WORDS[1]}\" = check ]; then\n"
         "    words=$(\"${COMP_WORDS[0]}\" completion relays 2>/dev/null)\n"
         "  fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$front$current\")\n"
         "  COMPREPLY=(\"${COMPREPLY[@]#\"$front\"}\")\n"
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
         "  elif [[ $words[2] == config ]] && (( CURRENT <= 4 )); then\n"
         "    if (( CURRENT == 3 )); then compadd " +
         joined(kConfigActions, " ") + "; else compadd " + setting_names() +
         "; fi\n"
         "  elif [[ $words[CURRENT-1] == --relay || $words[2] == check ]]; then\n"
         "    compadd -- ${(f)\"$($words[1] completion relays 2>/dev/null)\"}\n"
         "  elif [[ $words[CURRENT-1] == --bell ]]; then\n"
         "    compadd " +
         joined(kBellWords, " ") +
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
           described(command->get_description()) + "'\n";
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& word : option->get_lnames()) {
        const std::string value = word == "bell"    ? std::string(" -x -a '") + joined(kBellWords, " ") + "'"
                                  : word == "relay" ? " -x -a '(parley completion relays)'"
                                  : option->get_expected_min() > 0 ? " -r"
                                                                   : "";
        out += "complete -c parley -n '__fish_seen_subcommand_from " + name + "' -l " + word + value + " -d '" +
               described(option->get_description()) + "'\n";
      }
    }
  }
  const auto behind = [&out](const char* command, const std::string& words) {
    out += std::string("complete -c parley -n '__fish_seen_subcommand_from ") + command + "' -f -a '" + words + "'\n";
  };
  behind("completion", "bash zsh fish");
  behind("config", joined(kConfigActions, " ") + " " + setting_names());
  behind("check", "(parley completion relays)");
  return out;
}

const CLI::Validator kShellCheck(
    [](std::string& text) {
      return text == kRelays || find_word(kShells, text) ? std::string() : none_of(kShells, text);
    },
    "");

}  // namespace

void add_completion_command(CLI::App& app, std::function<int()>& run) {
  CLI::App* command =
      app.add_subcommand("completion", "Print a shell's completions; for bash: eval \"$(parley completion bash)\"");
  command->footer(kInstallFooter);
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(kShellCheck)->type_name("SHELL");
  command->callback([&app, shell, &run] {
    run = [&app, shell] {
      if (*shell == kRelays) return print_out(relay_lines());
      const std::string text = *shell == "bash" ? for_bash(app) : *shell == "zsh" ? for_zsh(app) : for_fish(app);
      return print_out(text);
    };
  });
}

}  // namespace parley::client
