#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "service/config/config.h"

namespace parley::config {

// What the command line says, its values not looked at yet.
struct CommandLine {
  Action action = Action::serve;
  bool verbose = false;
  std::optional<std::string> config_file;
  // By option name, in the order given; for an option that is not repeatable only the last.
  std::map<std::string_view, std::vector<std::string>> values;
};

tl::expected<CommandLine, ConfigError> parse_command_line(const std::vector<std::string>& arguments);

}  // namespace parley::config
