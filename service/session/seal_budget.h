#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

#include "service/loop/clock.h"

namespace parley {

// What sealing under dear keys may take of a shard's time: a quarter, for each address that has shown such keys. They
// cost the relay hundreds of times what a message costs who sends it; nobody has a key like that by chance. Owned by
// one shard.
class SealBudget {
 public:
  // A block that takes longer is dear: that is what a key of more than 4096 bits makes it.
  static constexpr std::chrono::microseconds kDear{100};
  static constexpr int kShare = 4;
  // What has not been used of it is good for so long.
  static constexpr std::chrono::milliseconds kBurst{50};

  // Notes that blocks have been sealed for that address, which took about so long. Says when the next may be.
  TimePoint spend(const std::string& address, std::chrono::nanoseconds time, TimePoint now);

  std::size_t addresses() const { return paid_until_.size(); }

 private:
  static constexpr std::size_t kFew = 64;

  // By address: a moment kBurst back is all that it may have, one that is to come a debt.
  std::unordered_map<std::string, TimePoint> paid_until_;
  std::size_t look_at_ = kFew;  // when there are so many, those are forgotten that are like new
};

}  // namespace parley
