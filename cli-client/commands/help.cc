#include "cli-client/commands/help.h"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

#include "cli-client/settings/table.h"

namespace parley::client {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kOptionColumn = 26;
constexpr std::size_t kCommandColumn = 13;
constexpr std::string_view kOwnGroup = "Options";  // CLI11's for options that are given none

// Words into lines of at most 80 columns. The first begins behind `front`, on a line of its own when that reaches into
// the column that all others begin in.
std::string laid_out(std::string front, std::size_t column, const std::string& text) {
  std::string out;
  std::string line = std::move(front);
  const auto end_line = [&out, &line] {
    out.append(line, 0, line.find_last_not_of(' ') + 1) += '\n';
    line.clear();
  };
  if (line.size() + 1 > column && column > 0) end_line();
  line.resize(column, ' ');
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (line.size() > column && line.size() + 1 + word.size() > kColumns) {
      end_line();
      line.resize(column, ' ');
    }
    if (line.size() > column) line += ' ';
    line += word;
  }
  end_line();
  return out;
}

std::string described(const CLI::Option& option) {
  std::string text = option.get_description();
  const Setting* setting = option.get_lnames().empty() ? nullptr : find_setting(option.get_lnames().front());
  const std::string variable(setting != nullptr ? setting->variable : "");
  const std::string standard = option.get_default_str();
  const bool adds_variable = !variable.empty() && text.find(variable) == text.npos;
  if (adds_variable) text += " [" + variable + (standard.empty() ? "]" : "");
  if (!standard.empty()) text += (adds_variable ? ", default " : " [default ") + standard + "]";
  return text;
}

std::string entry(const CLI::Option& option) {
  std::string front = "  ";
  if (option.nonpositional()) {
    for (const std::string& name : option.get_snames()) front += "-" + name + ", ";
    front += "--" + option.get_lnames().front();
    if (option.get_expected_min() > 0) front += " " + option.get_type_name();
  } else {
    front += option.get_type_name();
  }
  return laid_out(front, kOptionColumn, described(option));
}

std::string usage_line(const CLI::App& command, const std::string& name) {
  if (command.get_parent() == nullptr) return "usage: " + name + " COMMAND [OPTIONS]\n";
  std::string line = "usage: " + name + " [OPTIONS]";
  for (const CLI::Option* option : command.get_options([](const CLI::Option* one) { return one->get_positional(); })) {
    line += option->get_required() ? " " + option->get_type_name() : " [" + option->get_type_name() + "]";
  }
  return line + "\n";
}

std::string group_text(const CLI::App& command, const std::string& group) {
  std::string text;
  for (const CLI::Option* option : command.get_options()) {
    const bool is_help = option == command.get_help_ptr();
    if (option->nonpositional() && option->get_group() == group && !is_help) text += entry(*option);
  }
  if (group == kOwnGroup && command.get_help_ptr() != nullptr) text += entry(*command.get_help_ptr());
  return text.empty() ? "" : "\n" + group + ":\n" + text;
}

}  // namespace

std::string first_sentence(const std::string& description) {
  std::string text = description;
  std::ranges::replace(text, '\n', ' ');
  text = text.substr(0, std::min({text.find(". "), text.find("; "), text.find(": ")}));
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string command_list(const CLI::App& app) {
  std::string text;
  for (const CLI::App* command : app.get_subcommands({})) {
    text += laid_out("  " + command->get_name(), kCommandColumn, first_sentence(command->get_description()));
  }
  return text;
}

std::string HelpFormatter::make_help(const CLI::App* command, std::string name, CLI::AppFormatMode) const {
  std::string text = usage_line(*command, name) + "\n" + laid_out("", 0, command->get_description());
  std::string positionals;
  for (const CLI::Option* option : command->get_options([](const CLI::Option* one) { return one->get_positional(); })) {
    positionals += entry(*option);
  }
  if (!positionals.empty()) text += "\n" + positionals;
  if (const std::string commands = command_list(*command); !commands.empty()) text += "\nCommands:\n" + commands;
  std::vector<std::string> groups{std::string(kOwnGroup)};
  for (const CLI::Option* option : command->get_options()) {
    if (std::ranges::find(groups, option->get_group()) == groups.end()) groups.push_back(option->get_group());
  }
  for (const std::string& group : groups) text += group_text(*command, group);
  if (!command->get_footer().empty()) text += "\n" + command->get_footer() + "\n";
  return text;
}

}  // namespace parley::client
