#include "cli-client/settings/settings.h"

#include "base/toml.h"
#include "cli-client/base/escape.h"
#include "cli-client/settings/relay_text.h"

namespace parley::client {
namespace {

std::string below_home(const std::string& path, const Settings::Environment& environment) {
  const char* const home = environment("HOME");
  if (home == nullptr || *home == '\0' || (path != "~" && !path.starts_with("~/"))) return path;
  return home + path.substr(1);
}

bool is_relay(const std::optional<Settings::Value>& value, const Endpoint& relay) {
  if (!value) return false;
  const auto named = read_relay_text(value->text);
  return named && named->text() == relay.text();
}

}  // namespace

tl::expected<Settings, std::string> Settings::read(std::string_view text, const std::string& path,
                                                   const Environment& environment) {
  Settings settings;
  const auto line_of = [&path](std::size_t line) { return escape(path) + ", line " + std::to_string(line); };
  const auto entries = parse_toml(text);
  if (!entries) {
    const TomlFault& fault = entries.error();
    return tl::unexpected(line_of(fault.line) + ": " + escape(fault.why) + "; " + escape(fault.remedy));
  }
  const TomlEntry* of_relay = nullptr;
  for (const TomlEntry& entry : *entries) {
    const std::string origin = line_of(entry.line);
    const Setting* setting = find_setting(entry.name);
    if (setting == nullptr) return tl::unexpected(origin + ": " + no_such_setting(entry.name));
    if (entry.is_array) return tl::unexpected(origin + ": " + entry.name + " takes one value; write it without [ ]");
    const std::string& value = entry.values.front();
    if (const auto fault = setting->fault(value)) return tl::unexpected(origin + ": " + entry.name + ": " + *fault);
    if (setting->is_of_relay && entry.name != "relay" && of_relay == nullptr) of_relay = &entry;
    settings.file_[entry.name] = {setting->is_path ? below_home(value, environment) : value, origin};
  }
  if (of_relay != nullptr && !settings.file_.contains("relay")) {
    return tl::unexpected(line_of(of_relay->line) + ": " + of_relay->name +
                          " belongs to a relay, and the file names none; write relay = \"HOST\" too");
  }
  for (const Setting& setting : settings_table()) {
    const std::string variable(setting.variable);
    const char* const value = environment(variable.c_str());
    if (value == nullptr || *value == '\0') continue;
    settings.environment_[std::string(setting.name)] = {setting.is_path ? below_home(value, environment) : value,
                                                        variable};
  }
  return settings;
}

std::optional<Settings::Value> Settings::find_in(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Settings::Value> Settings::find(std::string_view name) const {
  auto value = in_environment(name);
  return value ? value : in_file(name);
}

std::optional<Settings::Value> Settings::find_for(const Endpoint& relay, std::string_view name) const {
  auto value = in_environment(name);
  return value || !file_names(relay) ? value : in_file(name);
}

bool Settings::file_names(const Endpoint& relay) const { return is_relay(in_file("relay"), relay); }

bool Settings::environment_names(const Endpoint& relay) const { return is_relay(in_environment("relay"), relay); }

}  // namespace parley::client
