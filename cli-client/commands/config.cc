#include "cli-client/commands/commands.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/toml.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/exit_status.h"
#include "cli-client/base/json_line.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/commands/one_of.h"
#include "cli-client/settings/settings_file.h"

namespace parley::client {
namespace {

constexpr const char* kConfigExamples =
    R"(Examples:
  parley config set relay relay.example.org     from now on: parley send FILE
  parley config set into ~/Downloads            and: parley receive
  parley config list                            what is set, and where
  parley config unset into                      as if it had never been set
An option outranks a variable, and that the file. pin, ca, access-file,
client-cert and client-key are for the relay of the file alone.)";

struct ConfigArguments {
  std::string action;
  std::optional<std::string> name;
  std::optional<std::string> value;
  bool json = false;
};

int fail(ExitStatus status, const std::string& text) {
  say(text);
  return static_cast<int>(status);
}

int print_path() {
  const std::string path = settings_path();
  if (path.empty()) return fail(ExitStatus::failed, "there is no home folder for a configuration file; set HOME");
  return print_out(path + "\n");
}

// As TOML, so that it can be a file again.
std::string as_list(const Settings& settings) {
  std::string out;
  for (const Setting& setting : settings_table()) {
    const auto value = settings.find(setting.name);
    out += value ? std::string(setting.name) + " = " + toml_value(value->text) + "  # " + value->origin
                 : "# " + std::string(setting.name) + " is not set";
    out += '\n';
  }
  return out;
}

std::string as_events(const Settings& settings) {
  std::string out;
  for (const Setting& setting : settings_table()) {
    json::Object members{{"name", setting.name}};
    if (const auto value = settings.find(setting.name)) members.put("value", value->text).put("origin", value->origin);
    out += json_line("setting", members) + "\n";
  }
  return out;
}

// What a shell has not made of it: a path that holds wherever the command is called.
std::string as_set(const Setting& setting, const std::string& value) {
  if (!setting.is_path || value.empty() || value.starts_with('/') || !setting.fault(value)) return value;
  std::error_code error;
  const auto path = std::filesystem::absolute(value, error).lexically_normal();
  return error ? value : path.string();
}

// What belonged to the relay that was named before now belongs to this one.
void warn_of_another_relay(const Settings& before, const std::string& relay) {
  const auto old = before.in_file("relay");
  if (!old || old->text == relay) return;
  for (const Setting& setting : settings_table()) {
    if (!setting.is_of_relay || setting.name == "relay" || !before.in_file(setting.name)) continue;
    const std::string name(setting.name);
    say(name + " is for " + escape(relay) + " now; if it was " + escape(old->text) + "'s: parley config unset " + name);
  }
}

int change(const Setting& setting, const std::optional<std::string>& value, const Settings& before) {
  const auto text = value ? std::optional(as_set(setting, *value)) : std::nullopt;
  if (text) {
    if (const auto fault = setting.fault(*text)) {
      return fail(ExitStatus::usage, std::string(setting.name) + ": " + *fault);
    }
  }
  if (const auto done = change_settings_file(setting.name, text); !done) return fail(ExitStatus::failed, done.error());
  if (text && setting.name == "relay") warn_of_another_relay(before, *text);
  if (const auto over = before.in_environment(setting.name)) {
    say(over->origin + " is set too, and outranks the file");
  }
  return static_cast<int>(ExitStatus::done);
}

int run_config(const ConfigArguments& arguments) {
  const std::string& action = arguments.action;
  const bool names_one = action == "get" || action == "set" || action == "unset";
  if (names_one && !arguments.name) {
    return fail(ExitStatus::usage, "which setting? parley config " + action +
                                       (action == "set" ? " NAME VALUE" : " NAME") +
                                       "; parley config --help has them all");
  }
  if (arguments.name && !names_one) return fail(ExitStatus::usage, "parley config " + action + " takes no NAME");
  if (action == "set" && !arguments.value) {
    return fail(ExitStatus::usage, "to what? parley config set " + escape(*arguments.name) + " VALUE");
  }
  if (arguments.value && action != "set") {
    return fail(ExitStatus::usage, "parley config " + action + " takes no VALUE");
  }
  if (arguments.json && action != "list") {
    return fail(ExitStatus::usage, "parley config " + action + " takes no --json; config list does");
  }
  if (action == "path") return print_path();
  const Setting* const setting = arguments.name ? find_setting(*arguments.name) : nullptr;
  if (arguments.name && setting == nullptr) return fail(ExitStatus::usage, no_such_setting(*arguments.name));
  const auto settings = load_settings();
  if (!settings) return fail(ExitStatus::usage, settings.error());
  if (action == "list") return print_out(arguments.json ? as_events(*settings) : as_list(*settings));
  if (action == "set" || action == "unset") return change(*setting, arguments.value, *settings);
  const auto value = settings->find(setting->name);
  return value ? print_out(value->text + "\n") : static_cast<int>(ExitStatus::failed);
}

std::string footer() {
  std::string text = "Settings, and the variables that outrank them:\n";
  for (const Setting& setting : settings_table()) {
    std::string line = "  " + std::string(setting.name);
    line.resize(14, ' ');
    line += setting.variable;
    line.resize(39, ' ');
    text += line + std::string(setting.help) + "\n";
  }
  return text + "\n" + kConfigExamples;
}

}  // namespace

void add_config_command(CLI::App& app, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand("config",
                                         "Look at what is set for good, in a file of yours, and change it: options "
                                         "that need not be given any more.");
  command->footer(footer());
  const auto arguments = std::make_shared<ConfigArguments>();
  command
      ->add_option("action", arguments->action,
                   "get NAME: print a value; set NAME VALUE; unset NAME; list: all of them, and where each is set; "
                   "path: of the file")
      ->required()
      ->check(one_of(kConfigActions))
      ->type_name(joined(kConfigActions, "|"));
  command->add_option("name", arguments->name, "Which setting, of those below")->type_name("NAME");
  command->add_option("value", arguments->value, "What it is to be")->type_name("VALUE");
  command->add_flag("--json", arguments->json, "Of list: a JSON object a line, for programs");
  command->callback([arguments, &run] { run = [arguments] { return run_config(*arguments); }; });
}

}  // namespace parley::client
