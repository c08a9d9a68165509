#include "service/view/end_reason.h"

namespace parley {

// No default branches: -Wswitch makes a missing word an error when an enumerator is added.

std::string_view label(EndReason reason) {
  switch (reason) {
    case EndReason::peer_closed:
      return "peer-closed";
    case EndReason::peer_reset:
      return "peer-reset";
    case EndReason::bad_key:
      return "bad-key";
    case EndReason::bad_block:
      return "bad-block";
    case EndReason::handshake_timeout:
      return "handshake-timeout";
    case EndReason::key_pool_empty:
      return "key-pool-empty";
    case EndReason::waited_too_long:
      return "waited-too-long";
    case EndReason::idle:
      return "idle";
    case EndReason::too_slow:
      return "too-slow";
    case EndReason::draining:
      return "draining";
    case EndReason::ended_by_operator:
      return "ended-by-operator";
    case EndReason::tls_failed:
      return "tls-failed";
    case EndReason::lost:
      return "lost";
    case EndReason::replaced:
      return "replaced";
    case EndReason::bad_frame:
      return "bad-frame";
    case EndReason::bad_hello:
      return "bad-hello";
    case EndReason::room_full:
      return "room-full";
    case EndReason::room_held:
      return "room-held";
    case EndReason::bad_resume:
      return "bad-resume";
    case EndReason::unauthorized:
      return "unauthorized";
    case EndReason::overloaded:
      return "overloaded";
    case EndReason::rate_limited:
      return "rate-limited";
  }
  return {};
}

std::string_view label(Refusal refusal) {
  switch (refusal) {
    case Refusal::overloaded:
      return "overloaded";
    case Refusal::address_limit:
      return "address-limit";
    case Refusal::rate_limited:
      return "rate-limited";
    case Refusal::no_descriptors:
      return "no-descriptors";
    case Refusal::draining:
      return "draining";
    case Refusal::bad_proxy_header:
      return "bad-proxy-header";
  }
  return {};
}

std::string_view label(EndedBy who) {
  switch (who) {
    case EndedBy::first:
      return "first";
    case EndedBy::second:
      return "second";
    case EndedBy::relay:
      return "relay";
  }
  return {};
}

std::string_view label(Protocol protocol) {
  switch (protocol) {
    case Protocol::classic:
      return "classic";
    case Protocol::relay:
      return "relay";
  }
  return {};
}

}  // namespace parley
