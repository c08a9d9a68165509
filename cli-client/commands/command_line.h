#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace parley::client {

// What was typed to run `command`, but for an invite: to be shown, and typed again in a shell. Quoted where a shell
// needs it; what a terminal cannot show comes out as escape() has it.
std::string command_line(const CLI::App& command);

}  // namespace parley::client
