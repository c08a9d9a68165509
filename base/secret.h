#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace parley {

// Overwrites what a compiler would otherwise see no need to.
void wipe(std::span<std::byte> bytes);
void wipe(std::span<char> text);

// N secret bytes, wiped when they are no longer needed. Nothing prints or compares them by accident: reveal() is the
// only way to them.
template <std::size_t N>
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::span<const std::byte, N> bytes) { std::ranges::copy(bytes, bytes_.begin()); }
  SecretBytes(const SecretBytes&) = default;
  SecretBytes& operator=(const SecretBytes&) = default;
  ~SecretBytes() { wipe(bytes_); }

  std::span<const std::byte, N> reveal() const { return bytes_; }
  std::span<std::byte, N> fill() { return bytes_; }

 private:
  std::array<std::byte, N> bytes_{};
};

// Text with a secret in it, wiped when it goes. Move-only.
class SecretText {
 public:
  // `max_size` is reserved at once, as growing would leave copies behind; append() beyond it aborts.
  explicit SecretText(std::size_t max_size);
  SecretText(SecretText&&) noexcept = default;
  SecretText& operator=(SecretText&&) = delete;
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText();

  void append(std::string_view more);
  std::string_view reveal() const { return {text_.data(), text_.size()}; }

 private:
  std::vector<char> text_;
};

}  // namespace parley
