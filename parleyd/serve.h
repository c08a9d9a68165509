#pragma once

#include <functional>
#include <tl/expected.hpp>

#include "service/config/config.h"

namespace parley {

// How a reload reads the configuration again, given what runs.
using LoadAgain =
    std::function<tl::expected<config::Invocation, config::ConfigError>(const config::Invocation& running)>;

// Runs the relay until it has been told to stop and has drained. SIGTERM and SIGINT drain, a second one ends at
// once; SIGHUP reloads. Throws std::runtime_error when it cannot start.
void serve(config::Invocation invocation, const LoadAgain& load_again);

}  // namespace parley
