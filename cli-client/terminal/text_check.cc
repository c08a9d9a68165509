#include "cli-client/terminal/text_check.h"

#include <algorithm>

#include "base/utf8.h"

namespace parley::client {
namespace {

bool is_control(char32_t code) {
  return (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7f && code < 0xa0);
}

// Whether it is the beginning of a character and nothing else.
bool is_begun(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const bool goes_on =
      std::ranges::all_of(text.substr(1), [](char next) { return (static_cast<unsigned char>(next) & 0xc0U) == 0x80; });
  return lead >= 0xc2 && lead <= 0xf4 && text.size() < bytes && goes_on;
}

}  // namespace

bool TextCheck::takes(std::string_view piece) {
  std::string text = begun_;
  text += piece;
  std::string_view rest = text;
  while (is_text_ && !rest.empty()) {
    if (rest == "\r") break;
    if (rest.starts_with("\r\n")) {
      rest.remove_prefix(2);
      continue;
    }
    const Utf8Char character = first_char(rest);
    if (character.bytes == 0 && is_begun(rest)) break;
    is_text_ = character.bytes > 0 && !is_control(character.code);
    rest.remove_prefix(character.bytes);
  }
  begun_ = rest;
  return is_text_;
}

}  // namespace parley::client
