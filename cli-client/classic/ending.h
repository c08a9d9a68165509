#pragma once

#include <string>

#include "cli-client/base/exit_status.h"

namespace parley::client {

// Why a conversation is over.
enum class Ending {
  left,               // by our own decision
  other_left,         // in good order, after the other side had been heard
  ended_unheard,      // in good order, but no message had ever come
  unsent,             // the connection ended before all that was to be said had been sent
  nobody_came,        // no sign of the other side in the time that we would wait
  no_key,             // nothing that could be a relay's key came in time
  not_a_relay,        // what came is no relay's key
  speaks_tls,         // and is of TLS
  closed_before_key,  // the connection ended before the relay's key
  closed_after_key,   // the connection ended as soon as the keys were exchanged, and ours may be too short
  reset_unheard,      // cut off, and no message had ever come
  reset,              // cut off
  cut_short,          // ended within a message
  bad_block,          // what came is no message under our key
};

struct EndingReport {
  ExitStatus status;
  std::string text;  // for the user: what happened, and what to do about it where there is something
};

// `relay` is the relay's HOST:PORT, `key_bits` are those of our own key.
EndingReport report(Ending ending, const std::string& relay, unsigned key_bits);

}  // namespace parley::client
