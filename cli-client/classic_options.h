#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace parley::client {

// `parley classic`. Puts into `run` what the command does; it returns the exit status.
void add_classic_command(CLI::App& app, std::function<int()>& run);

}  // namespace parley::client
