#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::client {

// What a line typed in a chat is.
struct ChatInput {
  enum class Kind { text, help, name, who, verify, invite, send, accept, decline, cancel, copy, quit, unknown };
  Kind kind;
  std::string argument;  // the text; the new name; the files; the folder; the unknown command
};

// A line that begins with / is a command; with // it is text that begins with one. What has several lines is text.
ChatInput parse_chat_input(std::string_view line);

// The words of a command: blanks part them, but not within quotes or behind a backslash; ~/ is the home folder.
// nullopt: a quote is open.
std::optional<std::vector<std::string>> split_words(std::string_view text);

// "/help", "/name", ...
std::vector<std::string_view> chat_commands();

// For /help.
extern const char* const kChatHelp;

}  // namespace parley::client
