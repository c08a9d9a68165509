#pragma once

#include <optional>
#include <string>

#include "cli-client/net/trust.h"

namespace parley::client {

// Why a connection to a relay is not to be used. The text is for the user: what happened, and what to do.
struct ConnectionFault {
  enum class Kind {
    unreachable,  // the network, or nobody there: later it may be different
    lost,         // it broke off
    no_relay,     // something is there, but it does not speak relay/1
    untrusted,    // its certificate is not known, or not right; `pin` would make it so
    wrong_pin,    // it is not the relay that the pin names
    refused,      // it wants another client certificate, or any
  };
  Kind kind;
  std::string text;
  std::optional<Pin> pin = {};  // of an untrusted relay whose issuer is not known: a user may decide to trust it
  int error = 0;                // the errno of an address that could not be connected to at all
};

}  // namespace parley::client
