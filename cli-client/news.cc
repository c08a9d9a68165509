#include "news.h"

#include <cstdio>

#include "qr_code.h"

namespace parley::client {

void say(const std::string& text) { std::fprintf(stderr, "parley: %s\n", text.c_str()); }

void News::tell(const Engine& engine) {
  const Link& link = engine.link();
  if (link.changes == seen_) return;
  seen_ = link.changes;
  if (plan_.made && !invite_shown_ && engine.relay_pin()) {
    invite_shown_ = true;
    const chat::SecretText invite = invite_text(plan_, engine);
    const std::string_view text = invite.reveal();
    if (qr_) std::fputs(qr_code(text).c_str(), stderr);
    std::fprintf(stderr, "parley: the invite for the other side: %.*s\n", static_cast<int>(text.size()), text.data());
  }
  switch (link.state) {
    case Link::State::waiting:
    case Link::State::together:
    case Link::State::partner_lost:
    case Link::State::reconnecting:
      say(link_text(link, Engine::Clock::now()));
      break;
    default:
      break;
  }
}

}  // namespace parley::client
