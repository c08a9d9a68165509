#include "cli-client/commands/mistake.h"

#include <algorithm>

#include "base/edit_distance.h"
#include "cli-client/base/escape.h"

namespace parley::client {
namespace {

void add_names(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
    add_names(*command, names);
  }
}

// The command that the first argument names; nullptr: none.
const CLI::App* named_command(const CLI::App& app, const std::vector<std::string>& arguments) {
  for (const CLI::App* command : app.get_subcommands({})) {
    if (!arguments.empty() && command->get_name() == arguments[0]) return command;
  }
  return nullptr;
}

// "which relay? parley check HOST[:PORT]" when that is what a command is missing, else empty.
std::string question(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_required() || option->count() > 0) continue;
    return "which " + option->get_name() + "? parley " + command.get_name() + " " + option->get_type_name();
  }
  return {};
}

// "; did you mean --linger?" when one of the arguments looks like a mistyped name.
std::string suggestion(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  add_names(app, names);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string word = arguments[i].substr(0, arguments[i].find('='));
    const bool is_name = word.starts_with("--") || i == 0;
    if (!is_name || std::find(names.begin(), names.end(), word) != names.end()) continue;
    if (const std::string name = nearest(word, names); !name.empty()) return "; did you mean " + name + "?";
  }
  const CLI::App* command = named_command(app, arguments);
  return "; try parley " + (command != nullptr ? command->get_name() + " " : "") + "--help";
}

}  // namespace

std::string mistake(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  std::string why = error.what();
  if (why.ends_with('.')) why.pop_back();
  const CLI::App* command = named_command(app, arguments);
  if (command != nullptr && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    if (const std::string asked = question(*command); !asked.empty()) return asked;
  }
  if (!arguments.empty() && !arguments[0].starts_with('-') && command == nullptr) {
    if (arguments[0].starts_with("parley://")) return "an invite goes behind a command: parley chat INVITE";
    why = "there is no command " + escape(arguments[0]);
  }
  return why + suggestion(app, arguments);
}

}  // namespace parley::client
