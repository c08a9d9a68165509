#pragma once

#include <chrono>

namespace parley::client {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

}  // namespace parley::client
