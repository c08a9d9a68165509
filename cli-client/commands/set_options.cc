#include "cli-client/commands/set_options.h"

#include <algorithm>

namespace parley::client {
namespace {

// nullptr: none.
const Setting* setting_of(const CLI::Option& option) {
  return option.get_lnames().empty() ? nullptr : find_setting(option.get_lnames().front());
}

}  // namespace

bool takes_settings(const CLI::App& command) {
  return std::ranges::any_of(command.get_options(), [](const CLI::Option* option) { return setting_of(*option); });
}

tl::expected<void, std::string> take_settings(CLI::App& command, const Settings& settings) {
  for (CLI::Option* option : command.get_options()) {
    const Setting* setting = setting_of(*option);
    if (setting == nullptr || setting->is_of_relay || option->count() > 0) continue;
    const auto value = settings.find(setting->name);
    if (!value) continue;
    try {
      option->add_result(value->text);
      option->run_callback();
    } catch (const CLI::ParseError& error) {
      return tl::unexpected(value->origin + ": " + error.what());
    }
  }
  return {};
}

}  // namespace parley::client
