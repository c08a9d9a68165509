#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>

namespace parley {

// AES-GCM is to be given other keys before 2^24.5 records (RFC 8446 section 5.5). OpenSSL leaves that to who uses it.
class KeyLimit {
 public:
  static constexpr std::uint64_t kRecords = std::uint64_t{1} << 23U;
  explicit KeyLimit(std::uint64_t records = kRecords) : most_(records) {}

  // Before each SSL_write() of so many bytes, which go into records of at most `record_bytes`. When it is time, other
  // keys are agreed on with it.
  void count(SSL* ssl, std::size_t bytes, std::size_t record_bytes) {
    records_ += (bytes + record_bytes - 1) / record_bytes;
    // It fails when the connection has: then the write does too.
    if (records_ >= most_ && SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1) records_ = 0;
  }

 private:
  std::uint64_t most_;
  std::uint64_t records_ = 0;
};

}  // namespace parley
