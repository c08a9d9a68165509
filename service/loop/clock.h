#pragma once

#include <chrono>

namespace parley {

using TimePoint = std::chrono::steady_clock::time_point;

// Where time comes from, so that tests can turn it by hand.
class Clock {
 public:
  virtual TimePoint now() const = 0;
  // What a calendar says; may jump.
  virtual std::chrono::system_clock::time_point wall_now() const = 0;

 protected:
  ~Clock() = default;
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
  std::chrono::system_clock::time_point wall_now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace parley
