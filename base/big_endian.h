#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace parley {

// Whole numbers as they go over the wire, their first byte the highest, in 1 to 8 bytes.

constexpr std::uint64_t read_number(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) value = value << 8U | std::to_integer<std::uint64_t>(byte);
  return value;
}

// Fills `bytes`; what does not fit into them is dropped.
constexpr void write_number(std::span<std::byte> bytes, std::uint64_t value) {
  for (std::size_t i = bytes.size(); i-- > 0; value >>= 8U) bytes[i] = static_cast<std::byte>(value);
}

inline void append_number(Bytes& to, std::uint64_t value, std::size_t width) {
  to.resize(to.size() + width);
  write_number(std::span(to).last(width), value);
}

}  // namespace parley
