#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace parley {

// A counter with one writer and any number of readers: no read-modify-write on the bus, so that counting costs
// the data path an ordinary add.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Upper bounds of the buckets in seconds; one more bucket, without bound, follows the last. 50 us to about
// 15 minutes: one set for every histogram, so that it is known by heart.
inline constexpr std::array<double, 20> kHistogramBounds{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                         0.01,    0.025,  0.05,    0.1,    0.25,  0.5,    1,
                                                         2.5,     5,      10,      60,     300,   900};

struct HistogramSnapshot {
  std::array<std::uint64_t, kHistogramBounds.size() + 1> buckets{};  // not cumulative
  double sum_seconds = 0;

  std::uint64_t count() const;
  HistogramSnapshot& operator+=(const HistogramSnapshot& other);
};

// A histogram with one writer and any number of readers.
class Histogram {
 public:
  void observe(std::chrono::nanoseconds value, std::uint64_t times = 1);
  HistogramSnapshot snapshot() const;

 private:
  std::array<Counter, kHistogramBounds.size() + 1> buckets_;
  Counter sum_ns_;
};

}  // namespace parley
