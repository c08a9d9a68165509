#pragma once

#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace parley {

// RFC 8446 section 5: a record is a header of type (1 byte), version (2) and length (2, big-endian), then the
// encryption of content, content type (1) and padding, with the AEAD's tag.
constexpr std::size_t kRecordHeaderBytes = 1 + 2 + 2;
constexpr std::size_t kRecordTagBytes = 16;
constexpr std::size_t kMaxRecordPlaintext = 16'384;
constexpr std::size_t kMaxInnerPlaintext = kMaxRecordPlaintext + 1;  // content, type and padding
constexpr std::size_t kMaxRecordCiphertext = kMaxRecordPlaintext + 256;
constexpr std::size_t kRecordOverhead = kRecordHeaderBytes + 1 + kRecordTagBytes;

enum class ContentType : std::uint8_t { change_cipher_spec = 20, alert = 21, handshake = 22, application_data = 23 };

// RFC 8446 section 6.
enum class Alert : std::uint8_t {
  close_notify = 0,
  unexpected_message = 10,
  bad_record_mac = 20,
  record_overflow = 22,
  illegal_parameter = 47,
  decode_error = 50,
  internal_error = 80,
};

// A cipher suite of TLS 1.3, by what it is made of. nullptr is none.
struct CipherSuite {
  std::uint16_t id;
  const EVP_CIPHER* cipher;
  const EVP_MD* hash;
  std::size_t key_bytes;
};
const CipherSuite* find_cipher_suite(std::uint16_t id);

// A traffic secret as RFC 8446 section 7.1 derives it; as long as the suite's hash. Overwritten when it goes.
class TrafficSecret {
 public:
  static constexpr std::size_t kMaxBytes = 48;
  TrafficSecret() = default;
  explicit TrafficSecret(std::span<const std::byte> bytes);
  TrafficSecret(const TrafficSecret&) = default;
  TrafficSecret& operator=(const TrafficSecret&) = default;
  ~TrafficSecret();

  std::span<const std::byte> bytes() const { return std::span(bytes_).first(size_); }

 private:
  std::array<std::byte, kMaxBytes> bytes_{};
  std::size_t size_ = 0;
};

// One direction's keys, and its count of records.
class RecordKeys {
 public:
  // `records`: how many have been sent under the secret already.
  RecordKeys(const CipherSuite& suite, const TrafficSecret& secret, std::uint64_t records);
  RecordKeys(RecordKeys&&) noexcept;
  RecordKeys& operator=(RecordKeys&&) noexcept;
  ~RecordKeys();

  // Writes a whole record of `content`, of at most kMaxRecordPlaintext, to `out`, which has room for it and
  // kRecordOverhead and does not overlap it. Returns its length; 0 when the library fails.
  std::size_t seal(ContentType type, std::span<const std::byte> content, std::span<std::byte> out);

  struct Opened {
    bool authentic = false;
    ContentType type{};  // 0 when there was only padding
    std::size_t content_bytes = 0;
  };
  // Decrypts a whole record, header included, to `out`, which has room for all behind the header but the tag, and
  // does not overlap it. What is there when the record is not authentic is to be forgotten.
  Opened open(std::span<const std::byte> record, std::span<std::byte> out);

  // To the next generation of keys (RFC 8446 section 7.2), which are derived when they are used. False when the library
  // fails.
  bool update();

  std::uint64_t records() const { return records_; }

 private:
  bool derive();
  std::array<unsigned char, 12> nonce();

  const CipherSuite* suite_;
  TrafficSecret secret_;
  std::array<unsigned char, 12> iv_{};
  std::uint64_t records_;
  EVP_CIPHER_CTX* sealing_or_opening_ = nullptr;
  int direction_ = -1;  // what the context is keyed for: -1 nothing, or older keys, 0 opening, 1 sealing
};

}  // namespace parley
