#include "base/utf8.h"

#include <algorithm>
#include <array>

namespace parley {

namespace {

constexpr std::size_t kMaxCharBytes = 4;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

// The bytes of a character that begins so; 0 for what begins none.
std::size_t announced_bytes(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

// The bytes at the front that are UTF-8.
std::size_t utf8_bytes(std::string_view text) {
  const std::size_t size = text.size();
  while (!text.empty()) {
    const std::size_t bytes = first_char(text).bytes;
    if (bytes == 0) break;
    text.remove_prefix(bytes);
  }
  return size - text.size();
}

}  // namespace

Utf8Char first_char(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = announced_bytes(lead);
  if (bytes == 1) return {lead, 1};
  if (bytes == 0 || text.size() < bytes) return {};
  char32_t code = lead & (0x7fU >> bytes);
  for (const char next : text.substr(1, bytes - 1)) {
    if (!is_continuation(next)) return {};
    code = (code << 6U) | (static_cast<unsigned char>(next) & 0x3fU);
  }
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (overlong || surrogate || code > 0x10ffff) return {};
  return {code, bytes};
}

bool is_utf8(std::string_view text) { return utf8_bytes(text) == text.size(); }

std::string cut_utf8(std::string text, std::size_t max_bytes) {
  text.resize(utf8_bytes(std::string_view(text).substr(0, max_bytes)));
  return text;
}

std::size_t utf8_boundary(std::string_view text, std::size_t at) {
  if (at >= text.size()) return text.size();
  std::size_t begin = at;
  while (begin > 0 && at - begin < kMaxCharBytes - 1 && is_continuation(text[begin])) --begin;
  // What is no character, or ends before the cut, is not divided.
  return first_char(text.substr(begin)).bytes > at - begin ? begin : at;
}

void append_utf8(std::string& to, char32_t code) {
  const auto put = [&](char32_t value) { to.push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    put(code);
    return;
  }
  const unsigned more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;  // bytes of six bits each
  constexpr std::array<char32_t, 4> kLead{0, 0xc0, 0xe0, 0xf0};
  put(kLead[more] | code >> (6 * more));
  for (unsigned i = more; i-- > 0;) put(0x80U | (code >> (6 * i) & 0x3fU));
}

bool is_unseen(char32_t code) {
  struct Range {
    char32_t first, last;
  };
  constexpr Range kUnseen[] = {
      {0x80, 0x9f},      // C1 controls, which move a terminal's cursor as the ASCII ones do
      {0x61c, 0x61c},    // Arabic letter mark
      {0x200b, 0x200b},  // zero width space
      {0x200e, 0x200f},  // marks of direction
      {0x2028, 0x202e},  // separators of lines and paragraphs, embeddings, overrides
      {0x2060, 0x206f},  // word joiner, invisible operators, isolates
      {0xfeff, 0xfeff},  // zero width no-break space
  };
  return std::ranges::any_of(kUnseen, [code](Range range) { return code >= range.first && code <= range.last; });
}

}  // namespace parley
