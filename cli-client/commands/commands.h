#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string_view>

#include "cli-client/meeting/given.h"

namespace parley::client {

// Each adds one command to `app`, and when that is the one that was called puts into `run` what it does; `run` returns
// the exit status. `given` is kept by reference, and looked at when it runs.
void add_chat_command(CLI::App& app, const Given& given, std::function<int()>& run);
void add_send_command(CLI::App& app, const Given& given, std::function<int()>& run);
void add_receive_command(CLI::App& app, const Given& given, std::function<int()>& run);
void add_pipe_command(CLI::App& app, const Given& given, std::function<int()>& run);
void add_invite_command(CLI::App& app, const Given& given, std::function<int()>& run);
void add_check_command(CLI::App& app, const Given& given, std::function<int()>& run);
void add_classic_command(CLI::App& app, std::function<int()>& run);
// Looks at what is set, and changes it.
constexpr std::string_view kConfigActions[] = {"get", "set", "unset", "list", "path"};
void add_config_command(CLI::App& app, std::function<int()>& run);
// A shell's completions of all commands of `app`, made from what it knows of itself. `app` is kept by reference.
void add_completion_command(CLI::App& app, std::function<int()>& run);

}  // namespace parley::client
