#include "service/net/client_hello_bound.h"

#include "base/big_endian.h"

namespace parley {

namespace {

// Content types (RFC 8446 section 5.1). Encrypted records are application data.
constexpr std::byte kChangeCipherSpec{20};
constexpr std::byte kHandshake{22};
constexpr std::byte kApplicationData{23};

}  // namespace

bool ClientHelloBound::take(std::span<const std::byte> bytes) {
  for (const std::byte byte : bytes) {
    if (!is_tls_) break;
    if (record_left_ == 0) {
      record_header_[record_header_bytes_++] = byte;
      if (record_header_bytes_ < record_header_.size()) continue;
      record_header_bytes_ = 0;
      record_left_ = read_number(std::span(record_header_).subspan(3));
      is_tls_ = record_header_[0] >= kChangeCipherSpec && record_header_[0] <= kApplicationData;
      continue;
    }
    --record_left_;
    if (record_header_[0] != kHandshake) continue;
    if (message_left_ > 0) {
      --message_left_;
      continue;
    }
    message_header_[message_header_bytes_++] = byte;
    if (message_header_bytes_ < message_header_.size()) continue;
    message_header_bytes_ = 0;
    message_left_ = read_number(std::span(message_header_).subspan(1));
    if (message_left_ > kMostBytes) return false;
  }
  return true;
}

}  // namespace parley
