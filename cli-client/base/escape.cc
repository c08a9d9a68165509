#include "cli-client/base/escape.h"

#include <algorithm>

#include "base/hex.h"
#include "base/utf8.h"

namespace parley::client {
namespace {

bool is_ascii_control(char32_t code) { return (code < 0x20 && code != '\t') || code == 0x7f; }

struct Range {
  char32_t first, last;
};
// Of these nothing is seen but, perhaps, that what is around them is moved. Joiners (200c, 200d) are not among them, as
// scripts and emoji need them.
constexpr Range kUnseen[] = {
    {0x80, 0x9f},      // C1 controls
    {0x61c, 0x61c},    // Arabic letter mark
    {0x200b, 0x200b},  // zero width space
    {0x200e, 0x200f},  // marks of direction
    {0x2028, 0x202e},  // separators of lines and paragraphs, embeddings, overrides
    {0x2060, 0x206f},  // word joiner, invisible operators, isolates
    {0xfeff, 0xfeff},  // zero width no-break space
};

bool is_unseen(char32_t code) {
  for (const auto& [first, last] : kUnseen) {
    if (code >= first && code <= last) return true;
  }
  return false;
}

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
