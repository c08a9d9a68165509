#pragma once

#include "service/loop/clock.h"

namespace parley::test {

// Time that moves when it is told to. Does not start at zero, which could pass for "not set".
class FakeClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  std::chrono::system_clock::time_point wall_now() const override { return wall_now_; }
  void advance(TimePoint::duration by) {
    now_ += by;
    wall_now_ += by;
  }

 private:
  TimePoint now_ = TimePoint{} + std::chrono::hours(1000);
  std::chrono::system_clock::time_point wall_now_ =
      std::chrono::system_clock::time_point{} + std::chrono::hours(500'000);
};

}  // namespace parley::test
