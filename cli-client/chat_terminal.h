#pragma once

#include "chat.h"

namespace parley::client {

enum class Bell { never, idle, always };

struct TerminalChatOptions {
  Bell bell = Bell::idle;
  bool qr = false;
};

// A chat on a terminal, until it is over. Returns the exit status.
int run_chat_on_terminal(const Plan& plan, Engine& engine, Signals& signals, const TerminalChatOptions& options);

}  // namespace parley::client
