#include "relay/error_code.h"

#include <algorithm>
#include <array>

#include "relay/errc.h"

namespace parley::relay {
namespace {

constexpr std::array<std::string_view, kErrorCodes> kLabels{
    "bad-frame", "bad-hello",       "room-full", "room-held", "bad-resume",        "rate-limited", "overloaded",
    "draining",  "waited-too-long", "idle",      "too-slow",  "ended-by-operator", "unauthorized", "unknown",
};

}  // namespace

std::string_view label(ErrorCode code) { return kLabels[static_cast<std::size_t>(code)]; }

ErrorCode error_code_from(std::string_view label) {
  const auto* const found = std::find(kLabels.begin(), kLabels.end(), label);
  return found == kLabels.end() ? ErrorCode::unknown : static_cast<ErrorCode>(found - kLabels.begin());
}

ErrorCode answer_to(const std::error_code& error) {
  if (error == Errc::bad_token || error == Errc::expired_token) return ErrorCode::bad_resume;
  if (error == Errc::bad_json || error == Errc::missing_member || error == Errc::wrong_type ||
      error == Errc::bad_value) {
    return ErrorCode::bad_hello;  // the only JSON that a client sends
  }
  return ErrorCode::bad_frame;
}

}  // namespace parley::relay
