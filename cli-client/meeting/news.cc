#include "cli-client/meeting/news.h"

#include "cli-client/base/clock.h"
#include "cli-client/base/say.h"
#include "cli-client/meeting/conversation_loop.h"
#include "cli-client/meeting/invites.h"

namespace parley::client {

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
