#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "cli-client/chat/chat.h"
#include "cli-client/chat/end.h"

namespace parley::client {

struct Linger {
  std::optional<std::chrono::milliseconds> time;  // nullopt: until the other side leaves
};

// Gives standard input to `obey` line by line, each at most so long, and ends when it has ended and nothing has
// happened for `linger`.
ChatEnd run_chat_in_pipe(Chat& chat, const Linger& linger, std::size_t max_line_bytes,
                         const std::function<void(const std::string& line)>& obey);
// Each line is a text.
ChatEnd run_chat_in_pipe(Chat& chat, const Linger& linger);

}  // namespace parley::client
