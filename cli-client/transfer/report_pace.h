#pragma once

#include <chrono>
#include <optional>

namespace parley::client {

// When a log is told how far something is: at each tenth of it that is done, but not within a second of the line
// before, and after half a minute without one. Pure: the time is given to it.
class ReportPace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit ReportPace(Time start) : told_at_(start) {}

  bool due(unsigned percent, Time now) const;
  void told(unsigned percent, Time now);

 private:
  Time told_at_;
  unsigned told_tenths_ = 0;
};

}  // namespace parley::client
