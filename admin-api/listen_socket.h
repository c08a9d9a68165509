#pragma once

#include "service/settings/settings.h"

namespace parley {

// A listening TCP socket and the address that it really has.
struct ListenSocket {
  int fd = -1;
  Endpoint bound;
};

// With SO_REUSEADDR and without SO_REUSEPORT: a second parleyd on the same address fails to start instead of
// taking half of the requests. Throws std::runtime_error: one line with the address, the cause and the remedy.
ListenSocket listen_on(const Endpoint& endpoint);

}  // namespace parley
