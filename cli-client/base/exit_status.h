#pragma once

namespace parley::client {

// What parley's exit status says; documented in docs/parley.1.
enum class ExitStatus {
  done = 0,
  failed = 1,
  usage = 2,
  no_connection = 3,
  refused = 4,        // by the relay: full, our address, our key
  interrupted = 130,  // 128 + SIGINT, as shells report it
};

}  // namespace parley::client
