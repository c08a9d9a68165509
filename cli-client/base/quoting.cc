#include "cli-client/base/quoting.h"

namespace parley::client {

std::string for_a_shell(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) return std::string(word);
  return "'" + quoted(word, '\'') + "'";
}

std::string quoted(std::string_view text, char quote) {
  const std::string_view special = quote == 0 ? " \t\\\"'" : quote == '"' ? "\\\"" : "";
  std::string typed;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) typed += '\\';
    // Within single quotes nothing else can be done.
    typed += quote == '\'' && c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return typed;
}

}  // namespace parley::client
