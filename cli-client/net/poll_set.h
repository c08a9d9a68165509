#pragma once

#include <poll.h>

#include <span>
#include <vector>

#include "base/descriptor.h"

namespace parley::client {

// Several descriptors behind one, so that who waits for one descriptor waits for all of them.
class PollSet {
 public:
  PollSet();

  // 0, or the errno of why it cannot be used.
  int error() const { return error_; }
  // Can be read when any of those that are watched is ready.
  pollfd wanted() const { return {epoll_.get(), POLLIN, 0}; }
  // From now on these, and no others; entries of -1 are skipped. Those from before may be closed.
  void watch(std::span<const pollfd> fds);

 private:
  Descriptor epoll_;
  int error_ = 0;
  std::vector<int> watched_;
};

}  // namespace parley::client
