#include "base/base64url.h"

namespace parley {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string to_base64url(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve(base64url_length(bytes.size()));
  unsigned bits = 0;
  unsigned held = 0;  // how many of the low bits of `bits` are not written yet
  for (const std::byte b : bytes) {
    bits = (bits << 8) | static_cast<unsigned>(b);
    held += 8;
    while (held >= 6) {
      held -= 6;
      text += kAlphabet[(bits >> held) & 63U];
    }
    bits &= (1U << held) - 1;
  }
  if (held > 0) {
    text += kAlphabet[(bits << (6 - held)) & 63U];
  }
  return text;
}

int base64url_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

bool from_base64url(std::string_view text, std::span<std::byte> bytes) {
  if (text.size() != base64url_length(bytes.size())) {
    return false;
  }
  unsigned bits = 0;
  unsigned held = 0;
  std::size_t filled = 0;
  for (const char c : text) {
    const int value = base64url_value(c);
    if (value < 0) {
      return false;
    }
    bits = (bits << 6) | static_cast<unsigned>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[filled++] = static_cast<std::byte>(bits >> held);
      bits &= (1U << held) - 1;
    }
  }
  return bits == 0;
}

}  // namespace parley
