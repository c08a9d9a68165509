#pragma once

#include <system_error>

namespace parley::relay {

// What can be wrong with bytes of relay/1. Every value is the peer's doing.
enum class Errc {
  unknown_type = 1,  // a frame type below 0x80 that relay/1 does not have
  wrong_sender,      // a frame that its sender never sends
  wrong_phase,       // a frame that its sender may not send yet, or not any more
  too_long,          // a payload longer than its type may have
  wrong_length,      // a payload not of the one length that its type has
  bad_json,          // not one JSON object in UTF-8, nested too deeply, or with a name twice
  missing_member,    // a member that must be there is not
  wrong_type,        // a member of another JSON type
  bad_value,         // a member of the right type, outside its bounds
};

const std::error_category& errc_category() noexcept;
std::error_code make_error_code(Errc e) noexcept;

}  // namespace parley::relay

template <>
struct std::is_error_code_enum<parley::relay::Errc> : std::true_type {};
