#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace parley::client {

// Reads a time as the options take it: a duration (base/duration.h); 0; or none, which is nullopt.
// The error says what is wrong and how to write it, for the user to read.
tl::expected<std::optional<std::chrono::milliseconds>, std::string> parse_time(std::string_view text);

// A limit on waiting, that parse_time() can read: 0 switches it off, as none does.
std::optional<std::chrono::milliseconds> parse_limit(std::string_view text);

}  // namespace parley::client
