#include "relay/base64url.h"

#include <cstdint>

namespace parley::relay {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned kCharBits = 6;
constexpr unsigned kByteBits = 8;

}  // namespace

std::string to_base64url(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve((bytes.size() * kByteBits + kCharBits - 1) / kCharBits);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const std::byte byte : bytes) {
    pending = pending << kByteBits | std::to_integer<std::uint32_t>(byte);
    for (bits += kByteBits; bits >= kCharBits; bits -= kCharBits)
      text += kAlphabet[pending >> (bits - kCharBits) & 63U];
  }
  if (bits > 0) text += kAlphabet[pending << (kCharBits - bits) & 63U];
  return text;
}

std::optional<std::vector<std::byte>> from_base64url(std::string_view text) {
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() * kCharBits / kByteBits);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    pending = pending << kCharBits | static_cast<std::uint32_t>(value);
    bits += kCharBits;
    if (bits >= kByteBits) {
      bits -= kByteBits;
      bytes.push_back(static_cast<std::byte>(pending >> bits));
    }
  }
  const std::uint32_t spare = pending & ((1U << bits) - 1U);
  if (bits == kCharBits || spare != 0) return std::nullopt;
  return bytes;
}

}  // namespace parley::relay
