#pragma once

#include <poll.h>

#include <optional>
#include <span>

#include "cli-client/engine/engine.h"

namespace parley::client {

// Lets the engine go on, with poll(2), until it has something to tell, one of `others` is ready (their revents say
// which), or `deadline` has come.
void wait(Engine& engine, std::span<pollfd> others, std::optional<Engine::TimePoint> deadline = std::nullopt);

}  // namespace parley::client
