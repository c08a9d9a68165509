#include "service/net/tls_record.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/big_endian.h"

namespace parley {

namespace {

constexpr std::byte kLegacyMajor{3};
constexpr std::byte kLegacyMinor{3};

// HKDF-Expand-Label (RFC 8446 section 7.1) with an empty context, for at most one hash's length: one HMAC.
bool expand_label(const CipherSuite& suite, std::span<const std::byte> secret, std::string_view label,
                  std::span<unsigned char> out) {
  constexpr std::string_view kPrefix = "tls13 ";
  std::array<unsigned char, 64> info{};
  std::size_t size = 0;
  write_number(std::as_writable_bytes(std::span(info)).first(2), out.size());
  size += 2;
  info[size++] = static_cast<unsigned char>(kPrefix.size() + label.size());
  for (const std::string_view part : {kPrefix, label}) {
    std::ranges::copy(part, info.begin() + static_cast<std::ptrdiff_t>(size));
    size += part.size();
  }
  info[size++] = 0;  // no context
  info[size++] = 1;  // the first block of HKDF-Expand (RFC 5869 section 2.3)
  std::array<unsigned char, EVP_MAX_MD_SIZE> block{};
  const bool done = HMAC(suite.hash, secret.data(), static_cast<int>(secret.size()), info.data(), size, block.data(),
                         nullptr) != nullptr;
  std::copy_n(block.begin(), out.size(), out.begin());
  OPENSSL_cleanse(block.data(), block.size());
  return done;
}

unsigned char* raw(std::span<std::byte> bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

const CipherSuite* find_cipher_suite(std::uint16_t id) {
  // Fetched once: what EVP_aes_128_gcm() gives is looked up anew by each context.
  static const std::array<CipherSuite, 3> suites{{
      {0x1301, EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr), EVP_sha256(), 16},
      {0x1302, EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr), EVP_sha384(), 32},
      {0x1303, EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr), EVP_sha256(), 32},
  }};
  const auto* const found = std::ranges::find(suites, id, &CipherSuite::id);
  return found == suites.end() || found->cipher == nullptr ? nullptr : found;
}

TrafficSecret::TrafficSecret(std::span<const std::byte> bytes) : size_(std::min(bytes.size(), kMaxBytes)) {
  std::copy_n(bytes.begin(), size_, bytes_.begin());
}

TrafficSecret::~TrafficSecret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

RecordKeys::RecordKeys(const CipherSuite& suite, const TrafficSecret& secret, std::uint64_t records)
    : suite_(&suite), secret_(secret), records_(records) {}

RecordKeys::RecordKeys(RecordKeys&& other) noexcept
    : suite_(other.suite_),
      secret_(other.secret_),
      iv_(other.iv_),
      records_(other.records_),
      sealing_or_opening_(std::exchange(other.sealing_or_opening_, nullptr)),
      direction_(std::exchange(other.direction_, -1)) {}

RecordKeys& RecordKeys::operator=(RecordKeys&& other) noexcept {
  suite_ = other.suite_;
  secret_ = other.secret_;
  iv_ = other.iv_;
  records_ = other.records_;
  std::swap(sealing_or_opening_, other.sealing_or_opening_);
  std::swap(direction_, other.direction_);
  return *this;
}

RecordKeys::~RecordKeys() {
  EVP_CIPHER_CTX_free(sealing_or_opening_);
  OPENSSL_cleanse(iv_.data(), iv_.size());
}

// The nonce is the count of records, as a big-endian number as long as the IV, XOR the IV (RFC 8446 section 5.3).
std::array<unsigned char, 12> RecordKeys::nonce() {
  std::array<unsigned char, 12> nonce = iv_;
  std::uint64_t count = records_++;
  for (std::size_t i = nonce.size(); count != 0; count >>= 8U) nonce[--i] ^= static_cast<unsigned char>(count);
  return nonce;
}

bool RecordKeys::derive() {
  std::array<unsigned char, 32> key{};
  const auto key_bytes = std::span(key).first(suite_->key_bytes);
  if (sealing_or_opening_ == nullptr) sealing_or_opening_ = EVP_CIPHER_CTX_new();
  const bool done =
      sealing_or_opening_ != nullptr && expand_label(*suite_, secret_.bytes(), "key", key_bytes) &&
      expand_label(*suite_, secret_.bytes(), "iv", iv_) &&
      EVP_CipherInit_ex2(sealing_or_opening_, suite_->cipher, key.data(), nullptr, direction_, nullptr) == 1;
  OPENSSL_cleanse(key.data(), key.size());
  return done;
}

bool RecordKeys::update() {
  std::array<unsigned char, TrafficSecret::kMaxBytes> next{};
  const auto bytes = std::span(next).first(secret_.bytes().size());
  const bool done = expand_label(*suite_, secret_.bytes(), "traffic upd", bytes);
  secret_ = TrafficSecret(std::as_bytes(bytes));
  OPENSSL_cleanse(next.data(), next.size());
  records_ = 0;
  direction_ = -1;
  return done;
}

std::size_t RecordKeys::seal(ContentType type, std::span<const std::byte> content, std::span<std::byte> out) {
  if (direction_ != 1) {
    direction_ = 1;
    if (!derive()) return 0;
  }
  const std::size_t sealed_bytes = content.size() + 1 + kRecordTagBytes;
  out[0] = static_cast<std::byte>(ContentType::application_data);
  out[1] = kLegacyMajor;
  out[2] = kLegacyMinor;
  write_number(out.subspan(3, 2), sealed_bytes);
  EVP_CIPHER_CTX* const context = sealing_or_opening_;
  const auto iv = nonce();
  const auto inner = static_cast<unsigned char>(type);
  unsigned char* const body = raw(out) + kRecordHeaderBytes;
  int length = 0;
  const bool done =
      EVP_CipherInit_ex2(context, nullptr, nullptr, iv.data(), -1, nullptr) == 1 &&
      EVP_EncryptUpdate(context, nullptr, &length, raw(out), kRecordHeaderBytes) == 1 &&
      (content.empty() ||
       EVP_EncryptUpdate(context, body, &length, raw(content), static_cast<int>(content.size())) == 1) &&
      EVP_EncryptUpdate(context, body + content.size(), &length, &inner, 1) == 1 &&
      EVP_EncryptFinal_ex(context, body + content.size() + 1, &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kRecordTagBytes, body + content.size() + 1) == 1;
  return done ? kRecordHeaderBytes + sealed_bytes : 0;
}

RecordKeys::Opened RecordKeys::open(std::span<const std::byte> record, std::span<std::byte> out) {
  if (direction_ != 0) {
    direction_ = 0;
    if (!derive()) return {};
  }
  const auto sealed = record.subspan(kRecordHeaderBytes);
  if (sealed.size() < 1 + kRecordTagBytes) return {};
  const auto body = sealed.first(sealed.size() - kRecordTagBytes);
  std::array<unsigned char, kRecordTagBytes> tag{};
  std::copy_n(raw(sealed) + body.size(), tag.size(), tag.begin());
  EVP_CIPHER_CTX* const context = sealing_or_opening_;
  const auto iv = nonce();
  int length = 0;
  const bool done = EVP_CipherInit_ex2(context, nullptr, nullptr, iv.data(), -1, nullptr) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kRecordTagBytes, tag.data()) == 1 &&
                    EVP_DecryptUpdate(context, nullptr, &length, raw(record), kRecordHeaderBytes) == 1 &&
                    EVP_DecryptUpdate(context, raw(out), &length, raw(body), static_cast<int>(body.size())) == 1 &&
                    EVP_DecryptFinal_ex(context, raw(out) + length, &length) == 1;
  if (!done) return {};
  std::size_t size = body.size();
  while (size > 0 && out[size - 1] == std::byte{0}) --size;
  if (size == 0) return {true, ContentType{}, 0};
  return {true, static_cast<ContentType>(out[size - 1]), size - 1};
}

}  // namespace parley
