#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace parley::client {

// `parley completion`: prints a shell's completions of all commands of `app`, made from what it knows of itself.
// Puts into `run` what the command does; it returns the exit status. `app` is kept by reference.
void add_completion_command(CLI::App& app, std::function<int()>& run);

}  // namespace parley::client
