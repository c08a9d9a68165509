#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/base64url.h"

namespace parley::relay {

// 128 random bits: a session's name for as long as it may be resumed, also by another process.
using SessionName = std::array<std::byte, 16>;

// Over the wire: the values are fixed.
enum class Place : std::uint8_t {
  waiting = 0,  // has a room, but no partner had come when the token was made; the first place of the session to be
  first = 1,
  second = 2,
};

// The right to a place in a session. No secret of the conversation.
struct ResumeToken {
  SessionName session{};
  Place place{};
  std::chrono::sys_seconds expires;  // not before 1970
  // Then it is good no more for a session that is known from its tokens alone.
  bool expired(std::chrono::sys_seconds now) const { return now >= expires; }
  bool operator==(const ResumeToken&) const = default;
};

// As text, base64url of: version (1 byte), session (16), place (1), expiry (8, big-endian, seconds since 1970),
// HMAC-SHA-256 (32) over kTokenContext, a zero byte, the fields before, and the room. So a token is good for its room
// only, and a key used for something else as well gives no tokens.
constexpr std::size_t kTokenFieldBytes = 1 + 16 + 1 + 8;
constexpr std::size_t kTokenBytes = kTokenFieldBytes + 32;
constexpr std::size_t kTokenChars = base64url_length(kTokenBytes);
constexpr std::uint8_t kTokenVersion = 1;
constexpr std::string_view kTokenContext = "parley relay/1 resume";

// A secret of 256 random bits. Overwritten when it goes.
class TokenKey {
 public:
  static constexpr std::size_t kBytes = 32;
  explicit TokenKey(std::span<const std::byte, kBytes> bytes);
  TokenKey(TokenKey&& other) noexcept;
  TokenKey& operator=(TokenKey&& other) noexcept;
  ~TokenKey();

  std::span<const std::byte, kBytes> bytes() const { return bytes_; }
  bool operator==(const TokenKey&) const = default;

 private:
  std::array<std::byte, kBytes> bytes_;
};

// The relay's keys: the first makes tokens, all of them are accepted, so that a key is replaced by putting the new one
// in front and taking the old one away when its tokens have expired.
// Immutable after construction and usable from several threads at once.
class TokenKeys {
 public:
  static constexpr std::size_t kMaxKeys = 8;

  // `newest_first`: 1 to kMaxKeys.
  explicit TokenKeys(std::vector<TokenKey> newest_first);

  // A text of 1 to kMaxKeys lines of 64 hexadecimal digits, the newest first (HexLines). The error says which line and
  // what. The text is the caller's to overwrite.
  static tl::expected<TokenKeys, std::string> parse(std::string_view text);

  bool operator==(const TokenKeys&) const = default;

  // `room` must be one (is_room()).
  std::string make(const ResumeToken& token, std::string_view room) const;

  // nullopt: not made under one of the keys for this room. The time does not depend on how much of the code is right.
  std::optional<ResumeToken> verify(std::string_view text, std::string_view room) const;

 private:
  std::vector<TokenKey> keys_;
};

}  // namespace parley::relay
