#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli-client/base/exit_status.h"
#include "cli-client/net/connection.h"

namespace parley::client {

using Milliseconds = std::chrono::duration<double, std::milli>;

// What a relay is seen to do, one after the other.
enum class Phase { lookup, tcp, tls, pair, echo, resume };
struct PhaseWords {
  std::string_view word;    // for metrics
  std::string_view member;  // of an event
  std::string_view title;   // for people
};
// In their order.
inline constexpr std::array<PhaseWords, 6> kPhases{{{"lookup", "lookup_ms", "name lookup"},
                                                    {"tcp", "tcp_ms", "TCP"},
                                                    {"tls", "tls_ms", "TLS"},
                                                    {"pair", "pairing_ms", "pairing"},
                                                    {"echo", "round_trip_ms", "round trip"},
                                                    {"resume", "resume_ms", "resuming"}}};

// Why a relay is not well, in a word.
enum class Cause { unreachable, lost, no_relay, untrusted, wrong_pin, refused, timeout, not_resumed, failed };
// In their order.
inline constexpr std::array<std::string_view, 9> kCauseWords{
    "unreachable", "lost", "no-relay", "untrusted", "wrong-pin", "refused", "timeout", "not-resumed", "failed"};
constexpr std::string_view word_for(Cause cause) { return kCauseWords.at(static_cast<std::size_t>(cause)); }

struct Failure {
  Cause cause;
  ExitStatus status;
  std::string text;  // one sentence: what happened, and what to do
};

// What was found of a relay.
struct Report {
  std::optional<Reached> reached;                                 // the first time
  std::array<std::optional<Milliseconds>, kPhases.size()> times;  // nullopt: it did not come to that
  std::optional<Failure> failure;                                 // nullopt: it is well

  std::optional<Milliseconds>& time(Phase phase) { return times.at(static_cast<std::size_t>(phase)); }
};

}  // namespace parley::client
