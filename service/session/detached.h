#pragma once

#include <memory>
#include <utility>

#include "service/net/stream.h"
#include "service/session/context.h"

namespace parley {

// A leg of one kind between two shards: its connection, which belongs to none meanwhile, and the plain values that a
// new one is made of. Moves freely between threads.
template <class Kind>
class Detached {
 public:
  using State = typename Kind::State;

  Detached(std::unique_ptr<Stream> stream, State state) : stream_(std::move(stream)), state_(std::move(state)) {
    stream_->leave();
  }

  // Once, on the new shard's thread.
  std::unique_ptr<Kind> attach(ShardContext& shard) {
    stream_->enter(shard.poller, shard.scratch);
    return std::make_unique<Kind>(shard, std::move(stream_), std::move(state_));
  }

 private:
  std::unique_ptr<Stream> stream_;
  State state_;
};

}  // namespace parley
