#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli-client/base/exit_status.h"
#include "cli-client/net/connection_fault.h"
#include "cli-client/net/trust.h"

namespace parley::client {

// How far a client is from its partner, for its user to see.
struct Link {
  enum class State {
    connecting,    // to the relay
    waiting,       // in the room, the partner is not there yet
    greeting,      // both are there, and make sure of each other
    together,      // what is sent arrives
    partner_lost,  // the partner's connection is gone, its place is kept
    reconnecting,  // our own is gone: `retry_at`
    leaving,
    ended,
  };
  State state = State::connecting;
  std::string why;  // of reconnecting
  std::optional<std::chrono::steady_clock::time_point> retry_at;
  std::string partner;  // its name, if it has told one
  unsigned changes = 0;
};

// "waiting for the other side", "the relay is gone (...); next attempt in 3 s": a status line, and news in a pipe.
std::string link_text(const Link& link, std::chrono::steady_clock::time_point now);
// The same in two parts, for where there is little room: without the reason, and why it is not connected, if it is
// told.
std::string brief_link_text(const Link& link, std::chrono::steady_clock::time_point now);
std::string reason(const Link& link);
// One word for programs: "connecting", "waiting", ...
const char* link_label(Link::State state);

// How it ended.
struct Outcome {
  enum class Kind {
    done,          // both sides have said that they are done, and everything arrived: the only good end of two that met
    left,          // by our own decision
    partner_gone,  // it left, or was lost for good, before that
    failed,        // see `text`
  };
  Kind kind;
  ExitStatus status;
  std::string text;                                 // one sentence: what happened, and what to do
  std::optional<Pin> pin = {};                      // of a relay that was not trusted, and would be with this pin
  std::optional<ConnectionFault::Kind> fault = {};  // of the connection that it ended for
};
// One word for programs: "done", "left", "partner-gone", "failed".
const char* outcome_label(Outcome::Kind kind);

}  // namespace parley::client
