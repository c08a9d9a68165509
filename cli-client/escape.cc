#include "escape.h"

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

bool is_other_control(std::uint32_t code) {
  return (code >= 0x80 && code <= 0x9f) || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
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
    if (is_other_control(character.code)) {
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
