#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley::relay {

// Why the relay ends a connection: ERROR's `code`. The words go over the wire; they do not change.
enum class ErrorCode : std::uint8_t {
  bad_frame,          // a frame that is malformed, too long, unknown, or not to be sent now
  bad_hello,          // HELLO's JSON is not what HELLO must be
  room_full,          // two clients are in the room
  room_held,          // a session that may resume holds the room
  bad_resume,         // the token is not ours, not for this room, has expired, or its session is over
  rate_limited,       // too much from this client or its address
  overloaded,         // the relay has no room for one more
  draining,           // the relay is shutting down
  waited_too_long,    // no partner came
  idle,               // no frame for too long
  too_slow,           // no HELLO in time, or what was sent is not being read
  ended_by_operator,  // through the admin API
  unauthorized,       // `access` is missing or not on the relay's list
  unknown,            // received only: a word of a newer relay
};
constexpr std::size_t kErrorCodes = 14;

// "bad-frame", "room-full", ...
std::string_view label(ErrorCode code);
// ErrorCode::unknown for a word that is not in the list.
ErrorCode error_code_from(std::string_view label);

}  // namespace parley::relay
