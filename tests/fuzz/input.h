#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace parley::fuzz {

// What must hold whatever the input is.
inline void require(bool holds) {
  if (!holds) std::abort();
}

// An input that says what happens: bytes that choose, each followed by what its choice needs. Nothing left reads as 0.
class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : rest_(std::as_bytes(std::span(data, size))) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_ = rest_.subspan(1);
    return value;
  }
  std::size_t word() {
    const std::size_t high = byte();
    return high * 256 + byte();
  }
  std::span<const std::byte> bytes(std::size_t count) {
    const auto taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  std::span<const std::byte> rest_;
};

// An input that says what comes over the wire, and in which segments: a byte n, n sizes (used in turns, each one more
// than its byte), and what comes.
class Segments {
 public:
  Segments(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return;
    const std::size_t count = std::min<std::size_t>(data[0], size - 1);
    sizes_ = std::span(data + 1, count);
    wire_ = std::as_bytes(std::span(data + 1 + count, size - 1 - count));
  }

  std::span<const std::byte> wire() const { return wire_; }
  // The size of the next segment; `otherwise` when the input gives none.
  std::size_t next_size(std::size_t otherwise = 1) {
    return sizes_.empty() ? otherwise : std::size_t{1} + sizes_[turn_++ % sizes_.size()];
  }

 private:
  std::span<const std::uint8_t> sizes_;
  std::span<const std::byte> wire_;
  std::size_t turn_ = 0;
};

}  // namespace parley::fuzz
