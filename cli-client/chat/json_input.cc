#include "cli-client/chat/json_input.h"

#include <optional>
#include <variant>

#include "protocol/chat/record.h"
#include "protocol/json/members.h"

namespace parley::client {
namespace {

// nullptr: it is not there, or is no T.
template <class T>
const T* find(const json::Members& event, const char* member) {
  const auto found = event.find(member);
  return found != event.end() ? std::get_if<T>(&found->second) : nullptr;
}

// Why nothing comes of it; empty: it does.
std::string obey_event(Chat& chat, const std::string& kind, const json::Members& event) {
  if (kind == "text") {
    const auto* const text = find<std::string>(event, "text");
    if (text == nullptr) return "text needs the string \"text\"";
    chat.send(*text);
  } else if (kind == "name") {
    const auto* const name = find<std::string>(event, "name");
    if (name == nullptr || name->empty() || name->size() > chat::kMaxSideNameBytes) {
      return "name needs the string \"name\", of 1 to 64 bytes";
    }
    chat.rename(*name);
  } else if (kind == "send") {
    const auto* const paths = find<json::Texts>(event, "paths");
    if (paths == nullptr || paths->empty()) return "send needs \"paths\", an array of strings";
    chat.files().send(*paths);
  } else if (kind == "accept") {
    const auto* const folder = find<std::string>(event, "folder");
    if (folder == nullptr && event.contains("folder")) return "the folder of accept is no string";
    chat.files().accept(folder != nullptr ? *folder : ".");
  } else if (kind == "decline") {
    chat.files().decline();
  } else if (kind == "cancel") {
    chat.files().cancel();
  } else if (kind == "leave") {
    chat.finish();
  } else {
    return "there is no event of that name; there are text, name, send, accept, decline, cancel and leave";
  }
  return "";
}

}  // namespace

void JsonInput::obey(const std::string& line) {
  ++lines_;
  const auto event = json::read_members(line);
  const auto* const kind = event ? find<std::string>(*event, "event") : nullptr;
  const std::string why =
      kind != nullptr ? obey_event(chat_, *kind, *event) : "it is no JSON object with the string \"event\"";
  if (!why.empty()) view_.rejected(lines_, why);
}

}  // namespace parley::client
