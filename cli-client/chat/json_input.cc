#include "cli-client/chat/json_input.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "protocol/chat/record.h"

namespace parley::client {
namespace {

using Json = nlohmann::ordered_json;

// nullopt: it is not there, or no string.
std::optional<std::string> string_in(const Json& event, const char* member) {
  const auto found = event.find(member);
  return found != event.end() && found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
}

std::optional<std::vector<std::string>> strings_in(const Json& event, const char* member) {
  const auto found = event.find(member);
  if (found == event.end() || !found->is_array() || found->empty()) return std::nullopt;
  std::vector<std::string> strings;
  for (const Json& one : *found) {
    if (!one.is_string()) return std::nullopt;
    strings.push_back(one.get<std::string>());
  }
  return strings;
}

// Why nothing comes of it; empty: it does.
std::string obey_event(Chat& chat, const std::string& kind, const Json& event) {
  if (kind == "text") {
    const auto text = string_in(event, "text");
    if (!text) return "text needs the string \"text\"";
    chat.send(*text);
  } else if (kind == "name") {
    const auto name = string_in(event, "name");
    if (!name || name->empty() || name->size() > chat::kMaxSideNameBytes) {
      return "name needs the string \"name\", of 1 to 64 bytes";
    }
    chat.rename(*name);
  } else if (kind == "send") {
    const auto paths = strings_in(event, "paths");
    if (!paths) return "send needs \"paths\", an array of strings";
    chat.files().send(*paths);
  } else if (kind == "accept") {
    const bool given = event.contains("folder");
    const auto folder = given ? string_in(event, "folder") : std::string(".");
    if (!folder) return "the folder of accept is no string";
    chat.files().accept(*folder);
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
  const Json event = Json::parse(line, nullptr, false);
  const auto kind = event.is_object() ? string_in(event, "event") : std::nullopt;
  const std::string why = kind ? obey_event(chat_, *kind, event) : "it is no JSON object with the string \"event\"";
  if (!why.empty()) view_.rejected(lines_, why);
}

}  // namespace parley::client
