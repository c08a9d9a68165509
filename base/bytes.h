#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace parley::chat {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

inline ByteView as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline void append(Bytes& to, ByteView more) { to.insert(to.end(), more.begin(), more.end()); }

// Big-endian numbers of `width` bytes, 1 to 8.
inline void append_number(Bytes& to, std::uint64_t value, unsigned width) {
  for (unsigned shift = width * 8; shift > 0;) {
    shift -= 8;
    to.push_back(static_cast<std::byte>(value >> shift));
  }
}
inline std::uint64_t read_number(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::byte b : bytes) {
    value = (value << 8) | static_cast<std::uint64_t>(b);
  }
  return value;
}

}  // namespace parley::chat
