#pragma once

#include <cstdint>

#include "base/descriptor.h"
#include "service/settings/settings.h"

namespace parley {

// A listening socket, which does not block, and the address that it really has.
struct ListenSocket {
  Descriptor socket;
  Endpoint bound;
  std::uint64_t inode = 0;  // of the file of a Unix socket that is ours
};

// With SO_REUSEADDR and without SO_REUSEPORT: a second parleyd on the same address fails to start instead of
// taking half of the requests. Throws std::runtime_error: one line with the address, the cause and the remedy.
// A Unix socket takes the place of one that nobody listens at any more, and is open to its owner and its group.
ListenSocket listen_on(const Endpoint& endpoint);
// Removes the file of a Unix socket that is ours and still this one.
void remove_file(const ListenSocket& socket);

}  // namespace parley
