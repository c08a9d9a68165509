#include "cli-client/files/progress_meter.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMegabyte = 1'000'000;

struct Moving {
  // So many bytes more, this much later.
  void move(std::uint64_t bytes, milliseconds time) {
    now += time;
    progress.bytes_done += bytes;
    progress.bytes_moved += bytes;
    meter.update(progress, now);
  }

  ProgressMeter::Time now{std::chrono::hours(1)};
  ProgressMeter meter{now, milliseconds(100)};
  TransferProgress progress{.files_total = 1, .bytes_total = 100 * kMegabyte};
};

TEST(ProgressMeter, KnowsNoRateAtFirst) {
  Moving run;
  run.move(0, milliseconds(0));
  EXPECT_EQ(run.meter.line("a", 80), "a  0%  0 B of 100 MB");
}

TEST(ProgressMeter, RateIsOfTheLastSeconds) {
  Moving run;
  for (int i = 0; i < 40; ++i) run.move(0, milliseconds(250));
  for (int i = 0; i < 24; ++i) run.move(kMegabyte, milliseconds(250));
  EXPECT_EQ(run.meter.line("a", 80), "a  24%  24 MB of 100 MB  4.0 MB/s  19 s left");
  EXPECT_EQ(run.meter.left(), seconds(19));
}

TEST(ProgressMeter, WhatWasThereBeforeIsNoRate) {
  Moving run;
  run.progress.bytes_done = 50 * kMegabyte;
  for (int i = 0; i < 5; ++i) run.move(kMegabyte, seconds(1));
  EXPECT_DOUBLE_EQ(*run.meter.rate(), 1e6);
  EXPECT_EQ(run.meter.summary(run.now), "0 files, 55 MB in 5 s (1.0 MB/s)");
}

TEST(ProgressMeter, SaysNothingOfTheTimeLeftWhenNothingMoves) {
  Moving run;
  run.move(kMegabyte, seconds(1));
  for (int i = 0; i < 10; ++i) run.move(0, seconds(1));
  EXPECT_DOUBLE_EQ(*run.meter.rate(), 0);
  EXPECT_FALSE(run.meter.left());
  EXPECT_EQ(run.meter.line("a", 80), "a  1%  1.0 MB of 100 MB  0 B/s");
}

TEST(ProgressMeter, IsNotFullBeforeTheEnd) {
  Moving run;
  run.progress.bytes_total = 1'000'000'000'000'000'000;
  run.move(run.progress.bytes_total - 1, seconds(1));
  EXPECT_TRUE(run.meter.line("a", 80).starts_with("a  99%"));
  run.progress.bytes_total = 0;
  run.progress.bytes_done = 0;
  run.move(0, seconds(1));
  EXPECT_TRUE(run.meter.line("a", 80).starts_with("a  100%  0 B of 0 B"));
}

TEST(ProgressMeter, FitsTheLine) {
  Moving run;
  run.progress.files_total = 1000;
  run.progress.files_done = 3;
  run.move(0, seconds(1));
  run.move(50 * kMegabyte, seconds(1));
  const std::string name = "photos/summer in Österreich/001.jpg";
  EXPECT_EQ(run.meter.line(name, 100), name + "  50%  50 MB of 100 MB  50 MB/s  1 s left  3 of 1,000 files");
  EXPECT_EQ(run.meter.line(name, 80),
            "…n Österreich/001.jpg  50%  50 MB of 100 MB  50 MB/s  1 s left  3 of 1,000 files");
  EXPECT_EQ(run.meter.line(name, 40), "…sterreich/001.jpg  50%  50 MB of 100 MB");
  EXPECT_EQ(run.meter.line(name, 5), "….jpg");
  const std::string wide = "写真/夏休み/東京タワー.jpg";  // two columns each but for / and .jpg
  EXPECT_EQ(run.meter.line(wide, 37), "…東京タワー.jpg  50%  50 MB of 100 MB");
  EXPECT_EQ(run.meter.line(wide, 36), "…京タワー.jpg  50%  50 MB of 100 MB") << "half a character is none";
  EXPECT_EQ(run.meter.line(name, 0), "");
}

TEST(ProgressMeter, IsNotDrawnTooOften) {
  Moving run;
  EXPECT_TRUE(run.meter.due(run.now));
  run.meter.drawn(run.now);
  run.move(1, milliseconds(99));
  EXPECT_FALSE(run.meter.due(run.now));
  run.move(1, milliseconds(1));
  EXPECT_TRUE(run.meter.due(run.now));
  run.meter.drawn(run.now);
  run.move(0, seconds(1));
  EXPECT_FALSE(run.meter.due(run.now)) << "nothing has changed";
}

}  // namespace
}  // namespace parley::client
