#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace parley::client {

// `parley invite`. Puts into `run` what the command does; it returns the exit status.
void add_invite_command(CLI::App& app, std::function<int()>& run);

}  // namespace parley::client
