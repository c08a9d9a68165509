#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "cli-client/settings/settings.h"

namespace parley::client {

// The file that Settings come from: config.toml in config_folder().

// Empty when there is no home.
std::string settings_path();

// What this process's user has set, in its environment and in that file. Without a file nothing is; one that belongs
// to somebody else and cannot be read is left out with a warning. The error is a line for the user.
tl::expected<Settings, std::string> load_settings();

// `text`, a file that Settings can read, with another value for a name, or with a line more, or, for nullopt, without
// it. All else stays as it is, comments too.
std::string with_setting(std::string text, std::string_view name, const std::optional<std::string>& value);

// The file with that change, complete or not at all, and one such change at a time. The error is a line for the user;
// so is that what would be written is none that Settings can read.
tl::expected<void, std::string> change_settings_file(std::string_view name, const std::optional<std::string>& value);

}  // namespace parley::client
