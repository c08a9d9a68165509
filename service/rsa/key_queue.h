#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/fair_queue.h"
#include "protocol/classic/private_key.h"

namespace parley::rsa {

// One connection that waits for a key.
struct KeyWait {
  std::string address;
  std::chrono::steady_clock::time_point since;
  std::function<void()> leave;  // takes it out of the queue, if it is still there

  // Held while the callback runs, so that cancelling can wait for its end; recursive, so that the callback itself
  // may cancel. Taken by whoever holds no other lock of the pool's.
  std::recursive_mutex calling;
  std::function<void(std::shared_ptr<const classic::PrivateKey>)> when_ready;  // empty: called or cancelled
};

// Who waits for keys, by address.
using KeyQueue = FairQueue<std::shared_ptr<KeyWait>>;

}  // namespace parley::rsa
