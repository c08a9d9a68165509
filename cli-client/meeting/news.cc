#include "cli-client/meeting/news.h"

#include <unistd.h>

#include <cstdio>

#include "cli-client/base/clock.h"
#include "cli-client/base/say.h"
#include "cli-client/meeting/conversation_loop.h"
#include "cli-client/terminal/qr_code.h"

namespace parley::client {

void say_invite(std::string_view command, std::string_view text, bool qr) {
  if (qr) std::fputs(qr_code(text).c_str(), stderr);
  // Quoted, as shells make something of ? and #. Programs read the bare one.
  if (::isatty(STDERR_FILENO)) {
    say("give this to the other side, and to nobody else:");
    std::fprintf(stderr, "\n  parley %.*s '%.*s'\n\n", static_cast<int>(command.size()), command.data(),
                 static_cast<int>(text.size()), text.data());
  } else {
    std::fprintf(stderr, "parley: the invite for the other side: %.*s\n", static_cast<int>(text.size()), text.data());
  }
}

void say_link(const Link& link) {
  switch (link.state) {
    case Link::State::waiting:
    case Link::State::together:
    case Link::State::partner_lost:
    case Link::State::reconnecting:
      say(link_text(link, Clock::now()));
      break;
    default:
      break;
  }
}

void say_news(ConversationLoop& loop, std::string_view command, bool qr) {
  if (const auto invite = loop.next_invite()) say_invite(command, invite->reveal(), qr);
  if (const Link* link = loop.next_link()) say_link(*link);
}

}  // namespace parley::client
