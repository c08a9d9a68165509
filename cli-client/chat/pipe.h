#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli-client/chat/chat.h"

namespace parley::client {

struct Linger {
  std::optional<std::chrono::milliseconds> time;  // nullopt: until the other side leaves
};

// How it ended: the exit status, and what to say.
struct ChatEnd {
  int status;
  std::string text;
};
// Sends standard input line by line, and ends when it has ended and nothing has happened for `linger`.
ChatEnd run_chat_in_pipe(Chat& chat, const Linger& linger);

}  // namespace parley::client
