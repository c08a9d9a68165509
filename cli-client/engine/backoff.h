#pragma once

#include <chrono>
#include <functional>
#include <utility>

namespace parley::client {

// Gives a number from 0 up to but not including its argument.
using Random = std::function<unsigned(unsigned)>;
// From OpenSSL's generator.
unsigned random_below(unsigned limit);

// How long to wait before the next attempt to connect: twice as long each time, up to kLongest, and each client
// another time (between half of it and all), so that those that lost a relay together do not come back together.
class Backoff {
 public:
  static constexpr std::chrono::milliseconds kShortest{200};
  static constexpr std::chrono::milliseconds kLongest{15'000};

  explicit Backoff(Random random) : random_(std::move(random)) {}

  // `longest`: where it is known that there is something to come to soon, less than kLongest.
  std::chrono::milliseconds next(std::chrono::milliseconds longest = kLongest);
  // For what is right to be tried at once, but not time after time: nothing the first time, then as next().
  std::chrono::milliseconds next_after_none();
  // When a relay has said how long to stay away (ERROR's retry_after_s), which it says to all alike: no sooner, and up
  // to half of it later, at most kLongest.
  std::chrono::milliseconds at_least(std::chrono::milliseconds told) const;
  // It went well: the next wait is short again.
  void reset() { step_ = kShortest; }

 private:
  std::chrono::milliseconds up_to(std::chrono::milliseconds most) const;

  Random random_;
  std::chrono::milliseconds step_ = kShortest;
};

}  // namespace parley::client
