#pragma once

#include <vector>

#include "base/descriptor.h"
#include "parleyd/passed_listeners.h"
#include "service/settings/settings.h"

namespace parley {

// An address, and a socket for each shard to accept from.
struct ListeningSockets {
  std::vector<Descriptor> sockets;
  Endpoint bound;
};

// The passed ones, or where there are none those at the addresses wanted. Throws std::runtime_error with one line that
// says what is wrong and how to mend it.
std::vector<ListeningSockets> open_or_take(const std::vector<Endpoint>& wanted,
                                           const std::vector<PassedListener>& passed, unsigned shards);

}  // namespace parley
