#include "cli-client/chat/input.h"

#include <array>

#include "base/trim.h"

namespace parley::client {
namespace {

using InputKind = ChatInput::Kind;

struct Command {
  std::string_view name;
  InputKind kind;
};
constexpr std::array<Command, 11> kCommands{{{"/help", InputKind::help},
                                             {"/name", InputKind::name},
                                             {"/who", InputKind::who},
                                             {"/verify", InputKind::verify},
                                             {"/invite", InputKind::invite},
                                             {"/send", InputKind::send},
                                             {"/accept", InputKind::accept},
                                             {"/decline", InputKind::decline},
                                             {"/cancel", InputKind::cancel},
                                             {"/quit", InputKind::quit},
                                             {"/exit", InputKind::quit}}};

}  // namespace

const char* const kChatHelp =
    "/help       this list\n"
    "/name NAME  what the other side is to call you\n"
    "/who        who is here, and by which relay\n"
    "/verify     digits to compare with the other side, aloud\n"
    "/invite     show the invite again\n"
    "/send FILE  offer files or folders\n"
    "/accept     take what is offered, into this folder; /accept FOLDER into another\n"
    "/decline    do not take it\n"
    "/cancel     stop the files that are under way\n"
    "/quit       leave; so does Ctrl-D\n"
    "//...       a line that begins with a slash";

std::vector<std::string_view> chat_commands() {
  std::vector<std::string_view> names;
  for (const Command& command : kCommands) names.push_back(command.name);
  return names;
}

ChatInput parse_chat_input(std::string_view line) {
  if (line.starts_with("//")) return {InputKind::text, std::string(line.substr(1))};
  if (!line.starts_with('/')) return {InputKind::text, std::string(line)};
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  for (const Command& command : kCommands) {
    if (word == command.name) return {command.kind, std::string(trim(line.substr(word.size())))};
  }
  return {InputKind::unknown, std::string(word)};
}

}  // namespace parley::client
