#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "protocol/classic/private_key.h"
#include "service/settings/settings.h"
#include "service/view/view.h"

namespace parley::rsa {

using KeyPtr = std::shared_ptr<const classic::PrivateKey>;

struct KeyWait;

// Where a classic connection's key comes from. Thread-safe.
//
// per_connection: threads of low priority keep `key_pool` keys ready; each connection takes one. When there is
// none, connections wait in turns by address, so that one address cannot starve the others; a thread of ordinary
// priority makes keys for them too, so that a busy machine cannot either.
// shared: one key, replaced every key_lifetime; whoever holds the old one keeps it.
class KeyPool {
 public:
  using Generate = std::function<classic::PrivateKey(unsigned bits)>;

  // `threads` make keys ahead: at least one, and one alone when the key is shared.
  KeyPool(const ClassicSettings& settings, unsigned threads, Generate generate = &classic::PrivateKey::generate);
  // Pending takes are dropped without a call. Waits for the keys that are being made.
  ~KeyPool();

  // A wait for a key. Destroying or cancelling it gives up the place in the queue; once cancel() has returned
  // the callback will not be called (cancel() waits for one that is running, unless it is called from inside
  // it). The callback comes on a key-making thread, or on the thread of whoever gives a key back. May outlive the
  // pool.
  class Wait {
   public:
    Wait() = default;
    Wait(Wait&&) noexcept;
    Wait& operator=(Wait&&) noexcept;
    ~Wait();
    void cancel();

   private:
    friend class KeyPool;
    std::shared_ptr<KeyWait> wait_;
  };

  // A key at once, or nullptr and the callback later. `address` is whose turn it is when keys are short. What `wait`
  // waited for before is given up.
  KeyPtr take(const std::string& address, Wait& wait, std::function<void(KeyPtr)> when_ready);

  // A key of this pool's whose client has said nothing goes back (per_connection), unless the pool is full or was
  // emptied since. Any other is simply dropped by its holder.
  void give_back(KeyPtr key);

  // Replaces the shared key as soon as the new one is made, or empties the pool. How many keys that drops at once.
  std::size_t rotate();

  KeyPoolView view() const;
  HistogramSnapshot generate_seconds() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // waits may outlive the pool
};

}  // namespace parley::rsa
