#pragma once

#include <string>

#include "cli-client/net/endpoint.h"

namespace parley::client {

// Of a relay's port where something else than relay/1 is spoken: whose it usually is, and which to try. A clause for
// the user.
std::string port_hint(const Endpoint& relay);

}  // namespace parley::client
