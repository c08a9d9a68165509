#pragma once

#include <string_view>

namespace parley::client {

// When a message rings the terminal's bell; idle: when no key was typed for a while.
enum class Bell { never, idle, always };
constexpr std::string_view kBellWords[] = {"never", "idle", "always"};  // by their values

}  // namespace parley::client
