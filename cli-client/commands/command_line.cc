#include "cli-client/commands/command_line.h"

#include <map>
#include <string_view>

#include "cli-client/base/escape.h"
#include "cli-client/meeting/invites.h"

namespace parley::client {
namespace {

std::string for_a_shell(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) return std::string(word);
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

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
