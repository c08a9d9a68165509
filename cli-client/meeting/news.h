#pragma once

#include <string_view>

#include "cli-client/engine/link.h"

namespace parley::client {

class ConversationLoop;

// What a conversation in a pipe tells its user, on standard error.
// `command` is what the other side is to run, "receive"; on a terminal the invite is shown as that, to be copied.
void say_invite(std::string_view command, std::string_view text, bool qr);
// What is being waited for; not every step on the way.
void say_link(const Link& link);
// All that there is to be told now.
void say_news(ConversationLoop& loop, std::string_view command, bool qr);

}  // namespace parley::client
