#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace parley::client {

// Reads a time as the options take it: a whole number with ms, s, m or h; 0; or none, which is nullopt.
// The error says what is wrong, for the user to read.
tl::expected<std::optional<std::chrono::milliseconds>, std::string> parse_duration(std::string_view text);

// A limit on waiting, that parse_duration() can read: 0 switches it off, as none does.
std::optional<std::chrono::milliseconds> parse_limit(std::string_view text);

// The shortest way to write it: 1500ms, 10s, 2m.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace parley::client
