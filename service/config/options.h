#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/config/config.h"
#include "service/config/values.h"

// The one table from which come the command line, the names of environment and file, --help, --print-config,
// docs/configuration.md and the man page.

namespace parley::config {

// Checks the values, stores them into `config`, and returns their canonical spelling. Options that are not
// repeatable are given exactly one value, the others at least one.
using Store = Parsed<std::vector<std::string>> (*)(const std::vector<std::string>& values, Config& config);

struct Option {
  std::string_view name;         // "classic-listen"
  std::string_view placeholder;  // "ADDR:PORT"; empty: a switch
  std::string_view group;
  std::string_view standard;  // the default as one would write it
  bool repeatable;
  bool reloadable;        // SIGHUP applies a change
  std::string_view help;  // whole sentences
  Store store;
};
std::span<const Option> options();

// What is not a setting: it says what to do, or where the settings are. Command line only, but for --config.
struct Mode {
  std::string_view name;
  std::string_view placeholder;
  std::string_view help;
};
std::span<const Mode> modes();

constexpr std::string_view kEnvironmentPrefix = "PARLEY_";
// "PARLEY_CLASSIC_LISTEN".
std::string environment_name(std::string_view option);

// The option that holds the path of the token's file, which load() then reads.
constexpr std::string_view kTokenFile = "admin-token-file";

}  // namespace parley::config
