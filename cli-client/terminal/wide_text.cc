#include "cli-client/terminal/wide_text.h"

#include "base/utf8.h"

namespace parley::client {

std::string utf8(std::wstring_view text) {
  std::string line;
  line.reserve(text.size());
  for (const wchar_t c : text) append_utf8(line, static_cast<char32_t>(c));
  return line;
}

std::wstring wide(std::string_view text) {
  std::wstring line;
  line.reserve(text.size());
  while (!text.empty()) {
    const Utf8Char character = first_char(text);
    line += character.bytes == 0 ? L'\ufffd' : static_cast<wchar_t>(character.code);
    text.remove_prefix(character.bytes == 0 ? 1 : character.bytes);
  }
  return line;
}

}  // namespace parley::client
