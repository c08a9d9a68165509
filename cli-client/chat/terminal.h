#pragma once

#include <string>

#include "cli-client/chat/chat.h"
#include "cli-client/settings/bell.h"

namespace parley::client {

struct TerminalChatOptions {
  Bell bell;
  bool qr;           // show a new invite as a QR code too
  std::string into;  // where /accept puts files when it names no folder
};

struct TerminalChatEnd {
  int status;
  bool again;  // the other side went without a word, and the user wants to wait for it
};
// A chat on a terminal, until it is over.
TerminalChatEnd run_chat_on_terminal(ConversationLoop& loop, const ChatFiles::Policy& policy,
                                     const TerminalChatOptions& options);

}  // namespace parley::client
