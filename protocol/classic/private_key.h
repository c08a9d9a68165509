#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <tl/expected.hpp>

namespace parley::classic {

// An RSA private key of our own: what messages to us are opened with.
// Immutable after construction and usable from several threads at once.
class PrivateKey {
 public:
  // Makes a key, public exponent 65537. About 80 ms of one core at 2048 bits. `bits`: 512 to 8192.
  static PrivateKey generate(unsigned bits);

  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

  unsigned bits() const;
  std::size_t block_bytes() const;

  // The public half as PKCS#1 PEM, as it goes over the wire, final line end included.
  const std::string& public_pem() const;

  // Errc::bad_block when `block` is not block_bytes() long or not below the modulus: to be asked before any
  // operation with it, and asked by raw() and open() themselves.
  std::error_code check(std::span<const std::byte> block) const;

  // The raw operation (RFC 8017 5.1.2 RSADP), blinded: block^d mod n, block_bytes() long, padding still on.
  // Errors: Errc::bad_block.
  std::error_code raw(std::span<const std::byte> block, std::span<std::byte> padded) const;

  // For the engine that does eight at once: the CRT parameters, and the secret that implicit rejection
  // derives its messages from.
  EVP_PKEY* evp() const;
  std::span<const std::byte, 32> rejection_secret() const;

  // Opens one block: raw() and unpad(). `message` is at least block_bytes() long; the length of what was put
  // there is returned. A block with bad padding yields a pseudo-random message (see padding.h).
  // Errors: Errc::bad_block.
  tl::expected<std::size_t, std::error_code> open(std::span<const std::byte> block, std::span<std::byte> message) const;

 private:
  struct Impl;
  explicit PrivateKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace parley::classic
