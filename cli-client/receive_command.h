#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>

#include "chat/secret.h"

namespace parley::client {

// `parley receive`. Puts into `run` what the command does; it returns the exit status. `given`: see make_plan().
void add_receive_command(CLI::App& app, const std::optional<chat::SecretText>& given, std::function<int()>& run);

}  // namespace parley::client
