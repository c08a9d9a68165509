#include "chat_input.h"

#include <array>

namespace parley::client {
namespace {

using Kind = ChatInput::Kind;

struct Command {
  std::string_view name;
  Kind kind;
};
constexpr std::array<Command, 7> kCommands{{{"/help", Kind::help},
                                            {"/name", Kind::name},
                                            {"/who", Kind::who},
                                            {"/verify", Kind::verify},
                                            {"/invite", Kind::invite},
                                            {"/quit", Kind::quit},
                                            {"/exit", Kind::quit}}};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

const char* const kChatHelp =
    "/name NAME  what the other side is to call you\n"
    "/who        who is here, and by which relay\n"
    "/verify     digits to compare with the other side, aloud\n"
    "/invite     show the invite again\n"
    "/quit       leave; so does Ctrl-D\n"
    "//...       a line that begins with a slash";

ChatInput parse_chat_input(std::string_view line) {
  if (line.starts_with("//")) return {Kind::text, std::string(line.substr(1))};
  if (!line.starts_with('/')) return {Kind::text, std::string(line)};
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  for (const Command& command : kCommands) {
    if (word == command.name) return {command.kind, std::string(trimmed(line.substr(word.size())))};
  }
  return {Kind::unknown, std::string(word)};
}

}  // namespace parley::client
