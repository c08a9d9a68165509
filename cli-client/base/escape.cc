#include "cli-client/base/escape.h"

#include <algorithm>

#include "base/hex.h"
#include "base/utf8.h"

namespace parley::client {
namespace {

bool is_ascii_control(char32_t code) { return (code < 0x20 && code != '\t') || code == 0x7f; }

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Char character = first_char(text);
    if (character.bytes == 0 || is_ascii_control(character.code)) {
      append_hex(out.append("\\x"), text.front());
      text.remove_prefix(1);
      continue;
    }
    if (is_unseen(character.code)) {
      out += "\\u";
      append_hex(out, static_cast<char>(character.code >> 8U));
      append_hex(out, static_cast<char>(character.code));
    } else {
      out += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  return out;
}

std::string escape_lines(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += escape(text.substr(0, end));
    if (end == text.size()) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

}  // namespace parley::client
