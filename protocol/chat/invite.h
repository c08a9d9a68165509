#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/pin.h"
#include "base/secret.h"
#include "protocol/chat/psk.h"

namespace parley::chat {

constexpr std::uint16_t kDefaultPort = 10443;
constexpr std::size_t kRoomBytes = 16;
constexpr std::size_t kRoomCheckBytes = 3;  // the last of them, in the rooms of Invite::make()
constexpr std::size_t kMaxHostBytes = 253;
// parley://[HOST]:PORT/ROOM?pin=sha256:PIN#SECRET
constexpr std::size_t kMaxInviteBytes = 9 + 1 + kMaxHostBytes + 1 + 6 + 1 + 22 + 12 + 43 + 1 + 22;

// What one person gives the other so that both clients meet and know each other: docs/chat-protocol.md.
struct Invite {
  // For a relay of that name and port, with a new room and a new secret.
  static Invite make(std::string host, std::uint16_t port = kDefaultPort);

  // Reads an invite as it was pasted: see PastedInvite for what does not matter.
  // The error is a sentence for the user that says what is wrong and where (positions count from 1 at parley://, after
  // what was dropped), and never holds more of the secret than one character that cannot be of it.
  static tl::expected<Invite, std::string> parse(std::string_view text);

  // The invite itself, to be given to the other and to nobody else.
  SecretText text() const;
  // Whether the room is one that carries its check. If not, a letter of it is wrong, or whoever made it adds none. Of
  // the secret nothing is checked: it must not be known from what the relay is told.
  bool room_is_checked() const;
  // For logs: parley://HOST/ROOM…#…, no secret, and too little of the room to find it.
  std::string redacted() const;

  std::string host;  // an IPv6 address is without its brackets
  std::uint16_t port = kDefaultPort;
  std::string room;        // 22 characters, as the relay is told it
  std::optional<Pin> pin;  // the relay's
  Secret secret;

 private:
  std::string relay() const;  // parley://HOST[:PORT]/
};

}  // namespace parley::chat
