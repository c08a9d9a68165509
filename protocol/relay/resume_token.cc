#include "protocol/relay/resume_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/big_endian.h"
#include "base/openssl.h"
#include "protocol/relay/control.h"
#include "protocol/relay/hex_line.h"

namespace parley::relay {
namespace {

using Fields = std::span<const std::byte, kTokenFieldBytes>;
using Code = std::array<std::byte, kTokenBytes - kTokenFieldBytes>;

Code code_of(const TokenKey& key, Fields fields, std::string_view room) {
  std::array<std::byte, kTokenContext.size() + 1 + kTokenFieldBytes + kMaxRoomBytes> input{};
  std::byte* end = std::transform(kTokenContext.begin(), kTokenContext.end(), input.data(),
                                  [](char c) { return static_cast<std::byte>(c); });
  *end++ = std::byte{0};
  end = std::copy(fields.begin(), fields.end(), end);
  end = std::transform(room.begin(), room.end(), end, [](char c) { return static_cast<std::byte>(c); });

  Code code{};
  const unsigned char* done =
      HMAC(EVP_sha256(), key.bytes().data(), static_cast<int>(key.bytes().size()),
           reinterpret_cast<const unsigned char*>(input.data()), static_cast<std::size_t>(end - input.data()),
           reinterpret_cast<unsigned char*>(code.data()), nullptr);
  must(done != nullptr, "HMAC");  // a code of zeros must not go out
  return code;
}

// The fields' places.
constexpr std::size_t kSessionAt = 1;
constexpr std::size_t kPlaceAt = 1 + 16;
constexpr std::size_t kExpiryAt = 1 + 16 + 1;

ResumeToken token_of(Fields fields) {
  ResumeToken token;
  std::copy_n(fields.begin() + kSessionAt, token.session.size(), token.session.begin());
  token.place = static_cast<Place>(fields[kPlaceAt]);
  const std::uint64_t expires = read_number(fields.subspan<kExpiryAt>());
  token.expires = std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(expires)));
  return token;
}

}  // namespace

TokenKey::TokenKey(std::span<const std::byte, kBytes> bytes) : bytes_{} {
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

TokenKey::TokenKey(TokenKey&& other) noexcept : bytes_(other.bytes_) {
  OPENSSL_cleanse(other.bytes_.data(), other.bytes_.size());
}

TokenKey& TokenKey::operator=(TokenKey&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

TokenKey::~TokenKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

TokenKeys::TokenKeys(std::vector<TokenKey> newest_first) : keys_(std::move(newest_first)) {
  assert(!keys_.empty() && keys_.size() <= kMaxKeys);
}

tl::expected<TokenKeys, std::string> TokenKeys::parse(std::string_view text) {
  std::vector<TokenKey> keys;
  HexLines lines(text);
  for (;;) {
    auto line = lines.next();
    if (!line) return tl::make_unexpected(line.error());
    if (!*line) break;
    HexLine& key = **line;
    keys.emplace_back(key.value);
    OPENSSL_cleanse(key.value.data(), key.value.size());
    if (!key.rest.empty()) return tl::make_unexpected(lines.fault("something after the key"));
    if (keys.size() > kMaxKeys) return tl::make_unexpected(lines.fault("more than 8 keys"));
  }
  if (keys.empty()) return tl::make_unexpected(std::string("no key in it"));
  return TokenKeys(std::move(keys));
}

std::string TokenKeys::make(const ResumeToken& token, std::string_view room) const {
  assert(is_room(room) && token.expires.time_since_epoch().count() >= 0);
  std::array<std::byte, kTokenBytes> bytes{std::byte{kTokenVersion}};
  std::copy(token.session.begin(), token.session.end(), bytes.begin() + kSessionAt);
  bytes[kPlaceAt] = static_cast<std::byte>(token.place);
  write_number(std::span(bytes).subspan(kExpiryAt, kTokenFieldBytes - kExpiryAt),
               static_cast<std::uint64_t>(token.expires.time_since_epoch().count()));
  const Code code = code_of(keys_.front(), std::span(bytes).first<kTokenFieldBytes>(), room);
  std::copy(code.begin(), code.end(), bytes.begin() + kTokenFieldBytes);
  return to_base64url(bytes);
}

std::optional<ResumeToken> TokenKeys::verify(std::string_view text, std::string_view room) const {
  if (text.size() != kTokenChars || !is_room(room)) return std::nullopt;
  const auto bytes = from_base64url<kTokenBytes>(text);
  if (!bytes || bytes->front() != std::byte{kTokenVersion}) return std::nullopt;

  const Fields fields = std::span(*bytes).first<kTokenFieldBytes>();
  bool ours = false;
  for (const TokenKey& key : keys_) {
    const Code code = code_of(key, fields, room);
    ours |= CRYPTO_memcmp(code.data(), bytes->data() + kTokenFieldBytes, code.size()) == 0;
  }
  if (!ours) return std::nullopt;

  const ResumeToken token = token_of(fields);
  // Made by whoever has the key, so these would be a mistake of another version's.
  if (token.place > Place::second || token.expires.time_since_epoch().count() < 0) return std::nullopt;
  return token;
}

}  // namespace parley::relay
