#include "service/view/histogram.h"

#include <algorithm>
#include <numeric>

namespace parley {

namespace {

// The bounds in nanoseconds, so that observing is integer arithmetic alone.
constexpr auto kBoundsNs = [] {
  std::array<std::int64_t, kHistogramBounds.size()> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] =
        std::chrono::round<std::chrono::nanoseconds>(std::chrono::duration<double>(kHistogramBounds[i])).count();
  }
  return bounds;
}();

}  // namespace

std::uint64_t HistogramSnapshot::count() const {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

HistogramSnapshot& HistogramSnapshot::operator+=(const HistogramSnapshot& other) {
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
  sum_seconds += other.sum_seconds;
  return *this;
}

void Histogram::observe(std::chrono::nanoseconds value, std::uint64_t times) {
  const std::int64_t ns = std::max<std::int64_t>(value.count(), 0);
  // A value that is a bound belongs below it, as Prometheus's "le" says.
  const auto bucket = std::lower_bound(kBoundsNs.begin(), kBoundsNs.end(), ns) - kBoundsNs.begin();
  buckets_[static_cast<std::size_t>(bucket)].add(times);
  sum_ns_.add(static_cast<std::uint64_t>(ns) * times);
}

HistogramSnapshot Histogram::snapshot() const {
  HistogramSnapshot result;
  for (std::size_t i = 0; i < buckets_.size(); ++i) result.buckets[i] = buckets_[i].get();
  result.sum_seconds = static_cast<double>(sum_ns_.get()) / 1e9;
  return result;
}

}  // namespace parley
