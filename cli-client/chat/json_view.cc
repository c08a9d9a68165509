#include "cli-client/chat/json_view.h"

#include <utility>

#include "cli-client/base/clock.h"
#include "cli-client/base/json_line.h"

namespace parley::client {

bool JsonView::print(const char* event, const json::Object& members) {
  return lines_.message(json_line(event, members));
}

void JsonView::invite(std::string_view text) { print("invite", {{"invite", text}}); }
void JsonView::link(const Link& link) {
  json::Object members{{"state", link_label(link.state)}, {"text", link_text(link, Clock::now())}};
  if (const std::string why = reason(link); !why.empty()) members.put("reason", why);
  print("status", members);
}
void JsonView::came(const std::string& name) { print("came", {{"name", name}}); }
bool JsonView::text(const std::string& name, std::string_view text) {
  return print("text", {{"name", name}, {"text", text}});
}
void JsonView::typing(const std::string& name) { print("typing", {{"name", name}}); }
void JsonView::acknowledged(std::uint64_t number) { print("acknowledged", {{"number", number}}); }
void JsonView::uncertain(std::string_view text) {
  print("uncertain", {{"text", text}, {"reason", "the other side did not acknowledge it before it was gone"}});
}
void JsonView::left(const std::string& name) {
  print("left", {{"name", name}, {"reason", "the other side has said all that it had to say"}});
}
void JsonView::note(const std::string& text) { print("note", {{"text", text}}); }
void JsonView::offered(const OfferGroups::Group& group) {
  const JsonEvent event = json_event(group);
  print(event.name, event.members);
}
void JsonView::file(const FileEvent& event, bool incoming) { print_file(json_event(event), incoming); }
void JsonView::progress(const ProgressMeter& meter, ProgressMeter::Time now, bool incoming) {
  print_file(json_event(meter, now), incoming);
}
void JsonView::print_file(JsonEvent event, bool incoming) {
  print(event.name, event.members.put("incoming", incoming));
}
void JsonView::rejected(std::uint64_t line, const std::string& why) {
  print("rejected", {{"line", line}, {"reason", why}});
}
void JsonView::ended(const ChatEnd& end) {
  print("ended", {{"status", end.status}, {"outcome", end.outcome}, {"reason", end.reason}, {"text", end.text}});
}

}  // namespace parley::client
