#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley {

// Why a leg or a session ended. One word each, the same in logs, metrics, the admin API and relay/1's ERROR.
// Every leg and every session ends with exactly one.
enum class EndReason : std::uint8_t {
  peer_closed,        // a client closed its connection (relay/1: it said BYE)
  peer_reset,         // a client's connection broke: reset, unreachable, keep-alive gave up
  bad_key,            // not a key, a key out of bounds, or no END line within 4,096 bytes
  bad_block,          // a block that is not below the modulus
  handshake_timeout,  // no key (classic), no end of the TLS handshake (relay) within the handshake deadline
  key_pool_empty,     // no key of ours could be made within the handshake deadline
  waited_too_long,    // no partner came within the waiting deadline
  idle,               // no message either way within the idle deadline
  too_slow,           // took nothing of what was queued for it within the write deadline; no HELLO in time
  draining,           // the relay is shutting down
  ended_by_operator,  // through the admin API
  tls_failed,         // no TLS 1.3 handshake
  lost,               // a connection ended without BYE, or broke, and for a session: did not come back within the grace
  replaced,           // a newer connection has taken the place
  bad_frame,          // a frame that is malformed, too long, unknown, or not to be sent now
  bad_hello,          // HELLO's JSON is not what HELLO must be
  room_full,          // two clients are in the room
  room_held,          // a session that may resume holds the room
  bad_resume,         // a resume token that is not good here
  unauthorized,       // no access token, or one that is not on the list
  overloaded,         // as many rooms are in use as may be
  rate_limited,       // as many rooms of one address are in use as may be
};
constexpr std::size_t kEndReasons = 22;

// Why a connection was refused before it became a leg.
enum class Refusal : std::uint8_t {
  overloaded,        // at the connection limit
  address_limit,     // too many connections from one address
  rate_limited,      // too many new connections per second from one address
  no_descriptors,    // the process or the system has none left
  draining,          // the relay is shutting down
  bad_proxy_header,  // a proxy's connection without a PROXY header, or with one that is malformed or late
};
constexpr std::size_t kRefusals = 6;

// Whose doing an end was.
enum class EndedBy : std::uint8_t { first, second, relay };

enum class Protocol : std::uint8_t { classic, relay };
constexpr std::size_t kProtocols = 2;

// The words: "peer-closed", "rate-limited", "first", "classic".
std::string_view label(EndReason reason);
std::string_view label(Refusal refusal);
std::string_view label(EndedBy who);
std::string_view label(Protocol protocol);

}  // namespace parley
