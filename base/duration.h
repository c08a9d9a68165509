#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/fault.h"

namespace parley {

// A time as both programs take it: whole numbers with h, m, s and ms, in that order, each at most once: "250ms", "10m",
// "1m30s". At most a year, which is far from any overflow of a clock's nanoseconds.
tl::expected<std::chrono::milliseconds, Fault> parse_duration(std::string_view text);

// In the largest unit that divides it, as parse_duration() reads it: "1500ms", "90s", "2m"; "0s".
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace parley
