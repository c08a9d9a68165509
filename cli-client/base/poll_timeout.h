#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "cli-client/base/clock.h"

namespace parley::client {

// For poll(2): the whole milliseconds until `deadline`, rounded up so that it has come when they are over; -1, for
// ever, when there is none.
inline int poll_timeout(std::optional<TimePoint> deadline, TimePoint now) {
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
}

}  // namespace parley::client
