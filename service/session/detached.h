#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "service/net/stream.h"
#include "service/session/context.h"
#include "service/session/in_transit.h"

namespace parley {

// A leg of one kind between two shards: its connection, which belongs to none meanwhile, and the plain values that a
// new one is made of. Moves freely between threads.
template <class Kind>
class Detached {
 public:
  using State = typename Kind::State;

  Detached(ShardContext& from, WaitingView seen, std::unique_ptr<Stream> stream, State state)
      : stream_(std::move(stream)), state_(std::move(state)) {
    stream_->leave();
    in_transit_.emplace(from.in_transit, std::move(seen), from.now(), *stream_);
  }

  // Once, on the new shard's thread.
  std::unique_ptr<Kind> attach(ShardContext& shard) {
    in_transit_.reset();
    stream_->enter(shard.poller, shard.scratch);
    return std::make_unique<Kind>(shard, std::move(stream_), std::move(state_));
  }

 private:
  std::unique_ptr<Stream> stream_;
  State state_;
  std::optional<InTransit::Entry> in_transit_;  // last, as it knows the stream
};

}  // namespace parley
