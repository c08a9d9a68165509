#pragma once

#include <cstdint>

#include "service/settings/settings.h"

namespace parley {

// A listening socket and the address that it really has.
struct ListenSocket {
  int fd = -1;
  Endpoint bound;
  std::uint64_t inode = 0;  // of a Unix socket's file
};

// With SO_REUSEADDR and without SO_REUSEPORT: a second parleyd on the same address fails to start instead of
// taking half of the requests. Throws std::runtime_error: one line with the address, the cause and the remedy.
// A Unix socket takes the place of one that nobody listens at any more, and is open to its owner and its group.
ListenSocket listen_on(const Endpoint& endpoint);
// Closes it, and removes a Unix socket that is still this one.
void close_listener(const ListenSocket& socket);

}  // namespace parley
