#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <tl/expected.hpp>

#include "cli-client/settings/settings.h"

namespace parley::client {

// Options of a command that was parsed, that were not given, and are set for good.

// Whether it has any that could be: others need no settings, and mind no mistake in them.
bool takes_settings(const CLI::App& command);

// Gives it those that are the same for every relay: the others' ranks depend on the invite, see make_plan(). The error
// is a line for the user, with where the value is from.
tl::expected<void, std::string> take_settings(CLI::App& command, const Settings& settings);

}  // namespace parley::client
