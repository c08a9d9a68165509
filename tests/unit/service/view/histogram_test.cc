#include "service/view/histogram.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

using namespace std::chrono_literals;

std::size_t bucket_of(std::chrono::nanoseconds value) {
  Histogram histogram;
  histogram.observe(value);
  const HistogramSnapshot snapshot = histogram.snapshot();
  for (std::size_t i = 0; i < snapshot.buckets.size(); ++i) {
    if (snapshot.buckets[i] == 1) return i;
  }
  return snapshot.buckets.size();
}

TEST(Histogram, AValueThatIsABoundIsBelowIt) {
  for (std::size_t i = 0; i < kHistogramBounds.size(); ++i) {
    SCOPED_TRACE(kHistogramBounds[i]);
    const auto bound = std::chrono::round<std::chrono::nanoseconds>(std::chrono::duration<double>(kHistogramBounds[i]));
    EXPECT_EQ(bucket_of(bound - 1ns), i);
    EXPECT_EQ(bucket_of(bound), i);
    EXPECT_EQ(bucket_of(bound + 1ns), i + 1);
  }
}

TEST(Histogram, NothingIsTooSmallOrTooLarge) {
  EXPECT_EQ(bucket_of(0ns), 0U);
  EXPECT_EQ(bucket_of(-1s), 0U);
  EXPECT_EQ(bucket_of(24h), kHistogramBounds.size());
}

TEST(Histogram, SumsAndCounts) {
  Histogram histogram;
  histogram.observe(1ms);
  histogram.observe(2s);
  histogram.observe(-1s);  // a clock that stepped back counts as no time
  const HistogramSnapshot snapshot = histogram.snapshot();
  EXPECT_EQ(snapshot.count(), 3U);
  EXPECT_DOUBLE_EQ(snapshot.sum_seconds, 2.001);
}

TEST(Histogram, SnapshotsAddUp) {
  Histogram a;
  Histogram b;
  a.observe(1ms);
  b.observe(1ms);
  b.observe(1h);
  HistogramSnapshot both = a.snapshot();
  both += b.snapshot();
  EXPECT_EQ(both.count(), 3U);
  EXPECT_DOUBLE_EQ(both.sum_seconds, 3600.002);
  EXPECT_EQ(both.buckets.back(), 1U);
}

TEST(Counter, AddsAndSubtracts) {
  Counter counter;
  counter.add();
  counter.add(4);
  counter.subtract(2);
  EXPECT_EQ(counter.get(), 3U);
}

}  // namespace
}  // namespace parley
