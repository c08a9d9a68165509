#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace parley::client {

// One thing that a user may set for good: a line of the configuration file, a variable, and an option of the commands
// that have it. The one table of them, from which all three come.
struct Setting {
  std::string_view name;      // in the file; of the option, behind its dashes
  std::string_view variable;  // of the environment
  std::string_view value;     // what it may be, for the user: "HOST[:PORT]"
  std::string_view help;      // what it is for, in words of one line
  // What is wrong with a value, for the user; nullopt: nothing.
  std::optional<std::string> (*fault)(const std::string& value);
  bool is_path = false;
  // In the file it belongs to the relay that the file names, and counts for no other: nobody's invite leads what is
  // secret to another relay, or has one checked by the wrong key.
  bool is_of_relay = false;
};
std::span<const Setting> settings_table();
const Setting* find_setting(std::string_view name);

// For one that is not in the table: "there is no setting "relayy"; did you mean relay?"
std::string no_such_setting(const std::string& name);

}  // namespace parley::client
