#include "cli-client/commands/command_line.h"

#include <map>

#include "cli-client/base/escape.h"
#include "cli-client/base/quoting.h"
#include "cli-client/meeting/invites.h"

namespace parley::client {
std::string command_line(const CLI::App& command) {
  std::string line = "parley " + command.get_name();
  std::map<const CLI::Option*, std::size_t> used;
  for (const CLI::Option* option : command.parse_order()) {
    const bool is_flag = option->get_items_expected_max() == 0;
    const std::size_t number = used[option]++;
    if (!option->get_positional()) line += " " + option->get_name();
    if (is_flag || number >= option->results().size()) continue;
    std::string word = option->results()[number];
    if (option->get_positional()) {
      if (stands_for_invite(word) && word != "-") continue;
      if (word.starts_with('-') && word != "-") word.insert(0, "./");  // it stood behind --
    }
    line += " " + for_a_shell(word);
  }
  return escape(line);
}

}  // namespace parley::client
