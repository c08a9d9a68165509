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
    meter.update(progress, now, activity);
  }

  ProgressMeter::Time now{std::chrono::hours(1)};
  ProgressMeter meter{now, milliseconds(100)};
  TransferProgress progress{.files_total = 1, .bytes_total = 100 * kMegabyte};
  Activity activity = Activity::moving;
};

TEST(ProgressMeter, WhatIsComparedIsNoMeasureOfWhatIsMoved) {
  Moving run;
  const auto compare = [&run](std::uint64_t bytes) {
    run.now += milliseconds(250);
    run.progress.bytes_done += bytes;
    run.progress.bytes_compared += bytes;
    run.meter.update(run.progress, run.now);
  };
  run.move(0, milliseconds(0));
  for (int i = 0; i < 8; ++i) compare(10 * kMegabyte);
  EXPECT_DOUBLE_EQ(*run.meter.rate(), 40e6);
  EXPECT_FALSE(run.meter.left()) << "what is to be moved takes as long as that takes";
  run.move(kMegabyte, milliseconds(250));
  EXPECT_DOUBLE_EQ(*run.meter.rate(), 4e6);
  EXPECT_EQ(run.meter.left(), seconds(5));
  run.move(kMegabyte, milliseconds(250));
  run.progress.bytes_compared += 100 * kMegabyte;  // of another file
  run.move(kMegabyte, milliseconds(250));
  EXPECT_DOUBLE_EQ(*run.meter.rate(), 4e6);
}

TEST(ProgressMeter, KnowsNoRateAtFirst) {
  Moving run;
  run.move(0, milliseconds(0));
  EXPECT_FALSE(run.meter.rate());
  EXPECT_FALSE(run.meter.left());
}

TEST(ProgressMeter, RateIsOfTheLastSeconds) {
  Moving run;
  for (int i = 0; i < 40; ++i) run.move(0, milliseconds(250));
  for (int i = 0; i < 24; ++i) run.move(kMegabyte, milliseconds(250));
  EXPECT_DOUBLE_EQ(*run.meter.rate(), 4e6);
  EXPECT_EQ(run.meter.left(), seconds(19));
}

TEST(ProgressMeter, WhatWasThereBeforeIsNoRate) {
  Moving run;
  run.progress.bytes_done = 50 * kMegabyte;
  for (int i = 0; i < 5; ++i) run.move(kMegabyte, seconds(1));
  EXPECT_DOUBLE_EQ(*run.meter.rate(), 1e6);
}

TEST(ProgressMeter, SaysNothingOfTheTimeLeftWhenNothingMoves) {
  Moving run;
  run.move(kMegabyte, seconds(1));
  for (int i = 0; i < 10; ++i) run.move(0, seconds(1));
  EXPECT_DOUBLE_EQ(*run.meter.rate(), 0);
  EXPECT_FALSE(run.meter.left());
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

TEST(ProgressMeter, AStallIsDrawnWithoutAnythingElse) {
  Moving run;
  run.move(kMegabyte, seconds(1));
  run.meter.drawn(run.now);
  run.move(0, milliseconds(2900));
  EXPECT_FALSE(run.meter.stalled(run.now));
  EXPECT_FALSE(run.meter.due(run.now));
  run.move(0, milliseconds(100));
  EXPECT_EQ(run.meter.stalled(run.now), seconds(3));
  EXPECT_TRUE(run.meter.due(run.now));
  run.meter.drawn(run.now);
  EXPECT_FALSE(run.meter.due(run.now));
  run.move(0, seconds(1));
  EXPECT_EQ(run.meter.stalled(run.now), seconds(4));
  EXPECT_TRUE(run.meter.due(run.now)) << "each second";
  run.move(1, milliseconds(250));
  EXPECT_FALSE(run.meter.stalled(run.now));
}

TEST(ProgressMeter, OnlyWhatCouldMoveStalls) {
  Moving run;
  run.activity = Activity::comparing;
  for (int i = 0; i < 10; ++i) run.move(0, seconds(1));
  EXPECT_FALSE(run.meter.stalled(run.now));
  run.activity = Activity::waiting;
  for (int i = 0; i < 10; ++i) run.move(0, seconds(1));
  EXPECT_FALSE(run.meter.stalled(run.now));
  run.activity = Activity::moving;
  run.move(0, seconds(1));
  EXPECT_FALSE(run.meter.stalled(run.now)) << "not before there was time to";
  run.move(0, seconds(3));
  EXPECT_TRUE(run.meter.stalled(run.now));
}

TEST(ProgressMeter, ThinkingCountsInNoRate) {
  Moving run;
  for (int i = 0; i < 4; ++i) run.move(kMegabyte, milliseconds(250));
  run.activity = Activity::waiting;
  run.move(0, milliseconds(250));
  EXPECT_EQ(run.meter.activity(run.now), Activity::moving) << "a moment is no thinking";
  for (int i = 0; i < 60; ++i) run.move(0, seconds(1));
  EXPECT_EQ(run.meter.activity(run.now), Activity::waiting);
  EXPECT_FALSE(run.meter.rate());
  run.activity = Activity::moving;
  for (int i = 0; i < 4; ++i) run.move(kMegabyte, milliseconds(250));
  EXPECT_DOUBLE_EQ(*run.meter.rate(), 4e6);
  EXPECT_EQ(run.meter.spent(), milliseconds(2000));
}

TEST(ProgressMeter, ShortWaitsForAnswersAreTimeThatIsSpent) {
  Moving run;
  for (int i = 0; i < 10; ++i) {
    run.activity = Activity::waiting;
    run.move(0, milliseconds(500));
    run.activity = Activity::moving;
    run.move(kMegabyte, milliseconds(500));
  }
  EXPECT_EQ(run.meter.spent(), seconds(10));
}

TEST(ProgressMeter, TimeWithoutAConnectionCountsInNoRate) {
  Moving run;
  for (int i = 0; i < 4; ++i) run.move(kMegabyte, milliseconds(250));
  for (int i = 0; i < 60; ++i) run.meter.pause(run.now += seconds(1));
  EXPECT_FALSE(run.meter.rate());
  EXPECT_FALSE(run.meter.stalled(run.now));
  run.move(0, seconds(1));
  EXPECT_FALSE(run.meter.stalled(run.now));
  for (int i = 0; i < 4; ++i) run.move(kMegabyte, milliseconds(250));
  EXPECT_DOUBLE_EQ(*run.meter.rate(), 4e6);
  EXPECT_EQ(run.meter.spent(), milliseconds(2000 + 1000));
}

}  // namespace
}  // namespace parley::client
