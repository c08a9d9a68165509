#pragma once

#include <chrono>
#include <optional>

#include "cli-client/classic/outbound.h"
#include "cli-client/net/endpoint.h"

namespace parley::client {

constexpr std::uint16_t kClassicPort = 10000;

struct ClassicOptions {
  Endpoint relay;
  unsigned key_bits = 2048;
  std::optional<std::chrono::milliseconds> timeout;  // nullopt: none
  std::optional<std::chrono::milliseconds> linger;
  std::optional<std::chrono::milliseconds> wait;
  bool turns = false;
  Pace pace = Pace::automatic;
  bool raw = false;
};

// `parley classic`: talks over standard input and output until the conversation is over. Returns the exit status:
// ExitStatus, or 128 + the signal that ended it.
int run_classic(const ClassicOptions& options);

}  // namespace parley::client
