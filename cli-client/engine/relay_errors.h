#pragma once

#include <chrono>
#include <string>

#include "cli-client/base/exit_status.h"
#include "protocol/relay/control.h"

namespace parley::client {

// What a client does about an ERROR of its relay: docs/relay-protocol.md, "Error codes".
struct RelayAnswer {
  bool retry = false;
  bool at_once = false;       // the first time without the wait that keeps a client from hammering
  bool forget_token = false;  // it is of no use; who comes back is a new client of the room
  std::chrono::seconds wait{0};
  ExitStatus status = ExitStatus::failed;  // when not to be tried again
  std::string text;                        // for the user: what happened, and what to do where there is something
};

// `relay` is its HOST:PORT. `by_invite`: the room came from one. `had_token`: HELLO had a resume token.
RelayAnswer answer_to(const relay::Error& error, const std::string& relay, bool by_invite, bool had_token);

}  // namespace parley::client
