#pragma once

namespace parley::client {

// What parley's exit status says; documented in docs/parley.1. 128 + a signal that has ended it, as shells report it.
enum class ExitStatus {
  done = 0,
  failed = 1,
  usage = 2,
  no_connection = 3,
  refused = 4,  // by the relay: full, our address, our key
};

}  // namespace parley::client
