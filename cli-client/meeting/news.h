#pragma once

#include <string_view>

#include "cli-client/engine/link.h"

namespace parley::client {

class ConversationLoop;

// What a conversation in a pipe tells its user, on standard error.
// What is being waited for; not every step on the way.
void say_link(const Link& link);
// All that there is to be told now, a new invite too: `command` and `qr` as in say_invite().
void say_news(ConversationLoop& loop, std::string_view command, bool qr);

}  // namespace parley::client
