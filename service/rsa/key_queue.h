#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

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

// Who waits for keys: addresses take turns, the connections of one address are served in their order.
// Not thread-safe.
class KeyQueue {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  void push(std::shared_ptr<KeyWait> wait);
  // The next one; the queue must not be empty.
  std::shared_ptr<KeyWait> pop();
  // False when it is not there.
  bool erase(const KeyWait& wait);

 private:
  struct Turn {
    std::string address;
    std::list<std::shared_ptr<KeyWait>> waits;  // never empty
  };
  using Turns = std::list<Turn>;

  Turns turns_;
  std::unordered_map<std::string, Turns::iterator> by_address_;
  std::size_t size_ = 0;
};

}  // namespace parley::rsa
