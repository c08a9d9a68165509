#pragma once

#include <openssl/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tl/expected.hpp>

namespace parley::classic {

constexpr unsigned kMinKeyBits = 512;
constexpr unsigned kMaxKeyBits = 8192;
constexpr std::size_t kMaxBlockBytes = kMaxKeyBits / 8;
// RSAES-PKCS1-v1_5 (RFC 8017 7.2): 00 02, at least eight bytes that are not zero, 00.
constexpr std::size_t kPaddingBytes = 2 + 8 + 1;

// A peer's RSA public key: what messages to it are sealed under.
// Immutable; usable from any one thread at a time.
class PublicKey {
 public:
  // Reads PKCS#1 RSAPublicKey in PEM (RFC 8017 A.1.1). Bounds are checked before any operation with the key:
  // modulus of min_bits to kMaxKeyBits bits and odd, exponent odd and from 3 to 2^32 - 1.
  // Errors: Errc::not_a_key, Errc::key_out_of_bounds.
  static tl::expected<PublicKey, std::error_code> from_pem(std::string_view pem, unsigned min_bits = kMinKeyBits);

  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  ~PublicKey();

  unsigned bits() const;
  // k: the length of the modulus, and of a block under it, in bytes.
  std::size_t block_bytes() const { return block_bytes_; }
  // The longest message that one block holds: k - 11.
  std::size_t max_message_bytes() const { return block_bytes_ - kPaddingBytes; }

  // About how long it takes to seal one block, on a machine of the years around 2025; rather more than less.
  std::chrono::nanoseconds sealing_time() const;

  // Seals one message of at most max_message_bytes() into `block`, which is block_bytes() long.
  // Errors: Errc::message_too_long. Aborts when there is no randomness or memory, as OpenSSL cannot go on then.
  [[nodiscard]] std::error_code seal(std::span<const std::byte> message, std::span<std::byte> block) const;
  // Seals as much of `message`, of any length, as one block holds, cut as by next_piece(); says how much that was.
  // There is nothing that could be wrong. Aborts as seal() does.
  [[nodiscard]] std::size_t seal_front(std::span<const std::byte> message, std::span<std::byte> block) const;

 private:
  struct Impl;
  // `message` fits.
  void seal_fitting(std::span<const std::byte> message, std::span<std::byte> block) const;

  explicit PublicKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  std::size_t block_bytes_ = 0;
};

}  // namespace parley::classic
