#include "protocol/relay/error_code.h"

#include <algorithm>
#include <array>

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

}  // namespace parley::relay
