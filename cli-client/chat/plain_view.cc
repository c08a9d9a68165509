#include "cli-client/chat/plain_view.h"

#include "base/utf8.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/meeting/invites.h"
#include "cli-client/meeting/news.h"

namespace parley::client {

void PlainView::invite(std::string_view text) { say_invite("chat", text, qr_); }
void PlainView::link(const Link& link) { say_link(link); }
void PlainView::came(const std::string&) {}
bool PlainView::text(const std::string&, std::string_view text) { return lines_.lines(text); }
void PlainView::uncertain(std::string_view text) {
  say("this may not have arrived: " + escape(cut_utf8(std::string(text), 200)));
}
void PlainView::left(const std::string& name) { say(name_or(name, "the other side") + " left"); }
void PlainView::note(const std::string& text) { say(text); }

}  // namespace parley::client
