#pragma once

#include <poll.h>

#include <optional>
#include <span>

#include "cli-client/engine/engine.h"

namespace parley::client {

// Lets engines go on, with poll(2), until one has something to tell, one of `others` is ready (their revents say
// which), or `deadline` has come; perhaps sooner.
void wait(std::span<Engine* const> engines, std::span<pollfd> others, std::optional<TimePoint> deadline = std::nullopt);
void wait(Engine& engine, std::span<pollfd> others, std::optional<TimePoint> deadline = std::nullopt);

}  // namespace parley::client
