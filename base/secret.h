#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace parley::chat {

// N secret bytes, wiped when they are no longer needed. Nothing prints or compares them by accident: reveal() is the
// only way to them.
template <std::size_t N>
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::span<const std::byte, N> bytes);
  SecretBytes(const SecretBytes&) = default;
  SecretBytes& operator=(const SecretBytes&) = default;
  ~SecretBytes();

  std::span<const std::byte, N> reveal() const { return bytes_; }
  std::span<std::byte, N> fill() { return bytes_; }

 private:
  std::array<std::byte, N> bytes_{};
};

constexpr std::size_t kSecretBytes = 16;
constexpr std::size_t kPskBytes = 32;

using Secret = SecretBytes<kSecretBytes>;  // an invite's SECRET
using Psk = SecretBytes<kPskBytes>;        // what the inner TLS is keyed with

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

// Overwrites what a compiler would otherwise see no need to.
void wipe(std::span<std::byte> bytes);
void wipe(std::span<char> text);

}  // namespace parley::chat
