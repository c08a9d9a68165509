#pragma once

#include <memory>
#include <utility>

#include "service/net/stream.h"
#include "service/session/leg.h"

namespace parley {

// A leg of one protocol between two shards: its connection, which belongs to none meanwhile, and the plain values
// that a new one of its kind is made of.
template <class Kind, class State>
class Detached final : public DetachedLeg {
 public:
  Detached(std::unique_ptr<Stream> stream, State state) : stream_(std::move(stream)), state_(std::move(state)) {
    stream_->leave();
  }

  std::unique_ptr<Leg> attach(ShardContext& shard) override {
    stream_->enter(shard.poller, shard.scratch);
    return std::make_unique<Kind>(shard, std::move(stream_), std::move(state_));
  }

 private:
  std::unique_ptr<Stream> stream_;
  State state_;
};

}  // namespace parley
