#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace parley {

// Watches the handshake messages that a TLS client sends in the clear, which are its ClientHellos, for the length that
// they declare: OpenSSL makes room for all of it, up to 128 KiB, as soon as it has seen a message's first four bytes.
class ClientHelloBound {
 public:
  // Eight times one with a post-quantum key share.
  static constexpr std::size_t kMostBytes = std::size_t{16} * 1024;

  // What comes next. False: a message is longer than that.
  bool take(std::span<const std::byte> bytes);

 private:
  // Record: type (1), version (2), length (2). Message: type (1), length (3). RFC 8446 sections 5.1 and 4.
  std::array<std::byte, 5> record_header_{};
  std::array<std::byte, 4> message_header_{};
  std::size_t record_header_bytes_ = 0;
  std::size_t message_header_bytes_ = 0;
  std::size_t record_left_ = 0;
  std::size_t message_left_ = 0;
  bool is_tls_ = true;  // else OpenSSL says what is wrong with it
};

}  // namespace parley
