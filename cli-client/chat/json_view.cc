#include "cli-client/chat/json_view.h"

#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli-client/base/clock.h"
#include "cli-client/transfer/file_json.h"

namespace parley::client {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  char text[32] = "";
  if (::gmtime_r(&now, &parts) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string json_line(const char* event, nlohmann::json members = nlohmann::json::object()) {
  members["event"] = event;
  members["time"] = utc_now();
  return members.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void JsonView::invite(std::string_view text) { lines_.message(json_line("invite", {{"invite", text}})); }
void JsonView::link(const Link& link) {
  nlohmann::json members{{"state", link_label(link.state)}, {"text", link_text(link, Clock::now())}};
  lines_.message(json_line("status", std::move(members)));
}
void JsonView::came(const std::string& name) { lines_.message(json_line("came", {{"name", name}})); }
bool JsonView::text(const std::string& name, std::string_view text) {
  return lines_.message(json_line("text", {{"name", name}, {"text", text}}));
}
void JsonView::typing(const std::string& name) { lines_.message(json_line("typing", {{"name", name}})); }
void JsonView::acknowledged(std::uint64_t number) { lines_.message(json_line("acknowledged", {{"number", number}})); }
void JsonView::uncertain(std::string_view text) { lines_.message(json_line("uncertain", {{"text", text}})); }
void JsonView::left(const std::string& name) { lines_.message(json_line("left", {{"name", name}})); }
void JsonView::note(const std::string& text) { lines_.message(json_line("note", {{"text", text}})); }
void JsonView::offered(const OfferGroups::Group& group) {
  lines_.message(json_line("offered", {{"name", group.name},
                                       {"directory", group.directory},
                                       {"files", group.files},
                                       {"bytes", group.bytes},
                                       {"left_out", group.left_out}}));
}
void JsonView::file(const FileEvent& event, bool incoming) { print_file(json_of(event), incoming); }
void JsonView::progress(const TransferProgress& progress, const ProgressMeter& meter, bool incoming) {
  print_file(progress_json(progress, meter), incoming);
}
void JsonView::print_file(const nlohmann::json& members, bool incoming) {
  nlohmann::json all = members;
  all["incoming"] = incoming;
  lines_.message(json_line(members["event"].get<std::string>().c_str(), std::move(all)));
}
void JsonView::ended(int status, const std::string& text) {
  lines_.message(json_line("ended", {{"status", status}, {"text", text}}));
}

}  // namespace parley::client
