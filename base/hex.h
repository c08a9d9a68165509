#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace parley {

// Two lower-case digits a byte.
std::string to_hex(std::span<const std::byte> bytes);
// `byte` is taken as eight bits.
void append_hex(std::string& to, char byte);

// Fills `bytes` from exactly twice as many digits, of either case; false, with `bytes` in any state, for anything else.
bool from_hex(std::string_view text, std::span<std::byte> bytes);

template <std::size_t N>
std::optional<std::array<std::byte, N>> from_hex(std::string_view text) {
  std::array<std::byte, N> bytes{};
  if (!from_hex(text, bytes)) return std::nullopt;
  return bytes;
}

}  // namespace parley
