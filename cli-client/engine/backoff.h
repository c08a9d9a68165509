#pragma once

#include <chrono>
#include <functional>

namespace parley::client {

// How long to wait before the next attempt to connect: twice as long each time, up to kLongest, and each client
// another time (between half of it and all), so that those that lost a relay together do not come back together.
class Backoff {
 public:
  static constexpr std::chrono::milliseconds kShortest{200};
  static constexpr std::chrono::milliseconds kLongest{15'000};

  // `random` gives a number from 0 up to but not including its argument.
  explicit Backoff(std::function<unsigned(unsigned)> random) : random_(std::move(random)) {}

  std::chrono::milliseconds next();
  // For what is right to be tried at once, but not time after time: nothing the first time, then as next().
  std::chrono::milliseconds next_after_none();
  // It went well: the next wait is short again.
  void reset() { step_ = kShortest; }

 private:
  std::function<unsigned(unsigned)> random_;
  std::chrono::milliseconds step_ = kShortest;
};

// From OpenSSL's generator.
unsigned random_below(unsigned limit);

}  // namespace parley::client
