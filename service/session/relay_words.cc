#include "service/session/relay_words.h"

#include <chrono>

#include "protocol/relay/control.h"
#include "protocol/relay/error_code.h"

namespace parley {

namespace {

// When a client that was refused for want of room is to try again, in seconds.
constexpr std::chrono::seconds::rep kRetryAfterLeast = 5;
constexpr std::chrono::seconds::rep kRetryAfterMost = 10;

bool worth_a_retry(EndReason reason) {
  return reason == EndReason::room_held || reason == EndReason::overloaded || reason == EndReason::rate_limited ||
         reason == EndReason::draining;
}

}  // namespace

std::string_view sentence(EndReason reason) {
  switch (reason) {
    case EndReason::bad_hello:
      return "HELLO is not as it must be";
    case EndReason::bad_frame:
      return "a frame is not as it must be";
    case EndReason::room_full:
      return "two clients are in the room already";
    case EndReason::room_held:
      return "the room is kept for a session whose connection was lost";
    case EndReason::bad_resume:
      return "the token is not good here any more";
    case EndReason::unauthorized:
      return "this relay asks for an access token";
    case EndReason::overloaded:
      return "the relay has no room left";
    case EndReason::rate_limited:
      return "too many rooms are in use from this address";
    case EndReason::draining:
      return "the relay is shutting down";
    case EndReason::waited_too_long:
      return "nobody came";
    case EndReason::idle:
      return "nothing was sent for too long";
    case EndReason::too_slow:
      return "the client took too long";
    case EndReason::ended_by_operator:
      return "the relay's operator has ended the session";
    default:
      return "";
  }
}

std::optional<std::string> error_frame(EndReason reason, std::string_view message, std::minstd_rand& random) {
  const relay::ErrorCode code = relay::error_code_from(label(reason));
  if (code == relay::ErrorCode::unknown) return std::nullopt;
  relay::Error error{code, std::string(message)};
  if (worth_a_retry(reason)) {
    std::uniform_int_distribution<std::chrono::seconds::rep> moment(kRetryAfterLeast, kRetryAfterMost);
    error.retry_after = std::chrono::seconds{moment(random)};
  }
  return relay::to_frame(error);
}

}  // namespace parley
