#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace parley {

// RFC 4648 section 5, without padding.

constexpr std::size_t base64url_length(std::size_t bytes) { return (bytes * 8 + 5) / 6; }

std::string to_base64url(std::span<const std::byte> bytes);

// The value of one character, 0 to 63; -1 when it is none of the alphabet.
int base64url_value(char c);

// Fills `bytes` from exactly base64url_length(bytes.size()) characters whose unused last bits are zero; false, with
// `bytes` in any state, for anything else.
bool from_base64url(std::string_view text, std::span<std::byte> bytes);

template <std::size_t N>
std::optional<std::array<std::byte, N>> from_base64url(std::string_view text) {
  std::array<std::byte, N> bytes{};
  if (!from_base64url(text, bytes)) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace parley
