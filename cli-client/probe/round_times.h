#pragma once

#include <chrono>

#include "cli-client/base/clock.h"

namespace parley::client {

// When rounds begin: so far apart, however long each takes. One that takes longer is followed at once by the next, and
// what was missed meanwhile, or while the machine slept, is not made up for.
class RoundTimes {
 public:
  RoundTimes(std::chrono::milliseconds every, TimePoint first) : every_(every), next_(first) {}

  TimePoint next() const { return next_; }
  // A round begins now, at next() or later.
  void begin(TimePoint now) {
    next_ += every_;
    if (next_ <= now) next_ = now + every_;
  }

 private:
  const std::chrono::milliseconds every_;
  TimePoint next_;
};

}  // namespace parley::client
