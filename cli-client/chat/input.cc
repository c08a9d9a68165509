#include "cli-client/chat/input.h"

#include <array>
#include <cstdlib>
#include <utility>

#include "base/trim.h"

namespace parley::client {
namespace {

using InputKind = ChatInput::Kind;

struct Command {
  std::string_view name;
  InputKind kind;
};
constexpr std::array<Command, 12> kCommands{{{"/help", InputKind::help},
                                             {"/name", InputKind::name},
                                             {"/who", InputKind::who},
                                             {"/verify", InputKind::verify},
                                             {"/invite", InputKind::invite},
                                             {"/send", InputKind::send},
                                             {"/accept", InputKind::accept},
                                             {"/decline", InputKind::decline},
                                             {"/cancel", InputKind::cancel},
                                             {"/copy", InputKind::copy},
                                             {"/quit", InputKind::quit},
                                             {"/exit", InputKind::quit}}};

}  // namespace

const char* const kChatHelp =
    "/help       this list\n"
    "/name NAME  what the other side is to call you; none: nothing\n"
    "/who        who is here, and by which relay\n"
    "/verify     digits to compare with the other side, aloud\n"
    "/invite     show the invite again\n"
    "/send FILE  offer files or folders\n"
    "/accept     take what is offered, into this folder; /accept FOLDER into another\n"
    "/decline    do not take it\n"
    "/cancel     stop the files that are under way\n"
    "/copy       put the last message that came into the clipboard; /copy invite the invite\n"
    "/quit       leave; so does Ctrl-D\n"
    "//...       a line that begins with a slash\n"
    "Alt-Enter begins another line of the same message; what is pasted is text.";

std::vector<std::string_view> chat_commands() {
  std::vector<std::string_view> names;
  for (const Command& command : kCommands) names.push_back(command.name);
  return names;
}

ChatInput parse_chat_input(std::string_view line) {
  if (line.find('\n') != std::string_view::npos) {
    return {InputKind::text, std::string(line.substr(0, line.find_last_not_of('\n') + 1))};
  }
  if (line.starts_with("//")) return {InputKind::text, std::string(line.substr(1))};
  if (!line.starts_with('/')) return {InputKind::text, std::string(line)};
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  for (const Command& command : kCommands) {
    if (word == command.name) return {command.kind, std::string(trim(line.substr(word.size())))};
  }
  return {InputKind::unknown, std::string(word)};
}

std::optional<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  char quote = 0;
  bool in_word = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && (c == ' ' || c == '\t')) {
      in_word = false;
      continue;
    }
    if (!std::exchange(in_word, true)) {
      words.emplace_back();
      const char* home = std::getenv("HOME");
      if (text.substr(i, 2) == "~/" && home != nullptr) {
        words.back() = home;
        continue;
      }
    }
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      words.back() += text[++i];
    } else if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) return std::nullopt;
  return words;
}

}  // namespace parley::client
