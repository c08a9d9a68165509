#include "cli-client/base/escape.h"

#include <cstdint>

namespace parley::client {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

struct Character {
  std::uint32_t code;
  std::size_t bytes;  // 0: what is at the front is not UTF-8
};

// Decodes the first character as Unicode table 3-7 (well-formed UTF-8) has it: nothing overlong, no surrogates.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {0, 0};
  std::uint32_t code = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, 0};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (overlong || surrogate || code > 0x10ffff) return {0, 0};
  return {code, bytes};
}

bool is_ascii_control(std::uint32_t code) { return (code < 0x20 && code != '\t') || code == 0x7f; }

struct Range {
  std::uint32_t first, last;
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

bool is_unseen(std::uint32_t code) {
  for (const auto& [first, last] : kUnseen) {
    if (code >= first && code <= last) return true;
  }
  return false;
}

void append_byte(std::string& out, std::uint8_t byte) { out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xf]}; }

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.bytes == 0 || is_ascii_control(character.code)) {
      append_byte(out, static_cast<std::uint8_t>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    if (is_unseen(character.code)) {
      out += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[character.code >> shift & 0xf];
    } else {
      out += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  return out;
}

}  // namespace parley::client
