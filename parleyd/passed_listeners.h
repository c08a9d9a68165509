#pragma once

#include <vector>

#include "base/descriptor.h"
#include "service/settings/settings.h"

namespace parley {

// A listening socket that was open before this process, and that others may hold too: it is closed, never shut down, so
// that whoever has connected meanwhile waits for the next process.
struct PassedListener {
  Descriptor socket;
  Endpoint bound;
};

// What a supervisor such as systemd hands over at the start, by the protocol of sd_listen_fds(3), which is stable and
// whose section "Notes" has anybody speak it without a library. Those of a protocol take the place of what the
// configuration has it listen at.
struct PassedListeners {
  std::vector<PassedListener> classic;
  std::vector<PassedListener> relay;
  std::vector<PassedListener> admin;  // Unix sockets too

  static constexpr int kFirst = 3;  // SD_LISTEN_FDS_START

  // As LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES have it, which are unset then: nobody else is to take them for his.
  // None when they mean another process. The sockets are made non-blocking and close-on-exec. Throws
  // std::runtime_error with one line that names the descriptor that is not one of ours, and the remedy. `first`: the
  // number of the first. Before there are threads.
  static PassedListeners of_environment(int first = kFirst);

  // `settings` with their addresses in place of the configured ones. Throws std::runtime_error when relay/1 is to
  // listen and has no certificate.
  ServiceSettings in_place_of(ServiceSettings settings) const;
};

}  // namespace parley
