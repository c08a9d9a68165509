#pragma once

#include <memory>
#include <unordered_set>

#include "service/session/leg.h"

namespace parley {

// Legs that get no session, while they are told why and closed. Runs on the shard's thread.
class DismissedLegs {
 public:
  explicit DismissedLegs(ShardContext& shard) : shard_(shard) {}

  void add(std::unique_ptr<Leg> leg, EndReason reason);
  // Nobody is waited for any longer, neither these nor those that are still to come.
  void abort();

 private:
  awaitable<void> dismiss(std::unique_ptr<Leg> leg, EndReason reason);

  ShardContext& shard_;
  std::unordered_set<Leg*> legs_;
  bool aborting_ = false;
};

}  // namespace parley
