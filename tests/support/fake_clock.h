#pragma once

#include "service/loop/clock.h"

namespace parley::test {

// Time that moves when it is told to. Does not start at zero, which could pass for "not set".
class FakeClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  void advance(TimePoint::duration by) { now_ += by; }

 private:
  TimePoint now_ = TimePoint{} + std::chrono::hours(1000);
};

}  // namespace parley::test
