#include "cli-client/files/store_time.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

using chat::Type;
using std::chrono::milliseconds;

struct Waiting {
  void come(Type type, std::size_t bytes, bool finished = false) {
    time.came(type, bytes, finished);
    time.tick(now);
  }
  bool due_after(milliseconds more) { return time.is_due(now += more); }

  StoreTime time;
  TimePoint now{std::chrono::hours(1)};
};

TEST(StoreTime, WithNothingFinishedItIsNever) {
  Waiting storing;
  storing.come(Type::chunk, 2 * StoreTime::kMostChunkBytes);
  EXPECT_FALSE(storing.time.deadline());
  EXPECT_FALSE(storing.due_after(std::chrono::hours(1)));
}

TEST(StoreTime, AsLongAsMoreComesItWaits) {
  Waiting storing;
  storing.come(Type::done, 90, true);
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(storing.due_after(StoreTime::kQuiet - milliseconds(1)));
    storing.come(Type::chunk, 1000);
  }
  EXPECT_TRUE(storing.due_after(StoreTime::kQuiet));
  EXPECT_EQ(storing.time.deadline(), storing.now);
}

TEST(StoreTime, ButNotForLong) {
  Waiting storing;
  storing.come(Type::done, 90, true);
  const TimePoint first = storing.now;
  while (!storing.due_after(milliseconds(50))) storing.come(Type::chunk, 1000);
  EXPECT_EQ(storing.now - first, StoreTime::kLongest);
}

TEST(StoreTime, TheSenderHasRoomForMoreAllTheTime) {
  Waiting chunks;
  chunks.come(Type::done, 90, true);
  for (std::size_t sum = 0; sum + 16'116 < StoreTime::kMostChunkBytes; sum += 16'116) {
    EXPECT_FALSE(chunks.due_after(milliseconds(0))) << sum;
    chunks.come(Type::chunk, 16'104);
  }
  chunks.come(Type::chunk, 16'104);
  EXPECT_TRUE(chunks.due_after(milliseconds(0)));
  Waiting others;
  others.come(Type::done, 90, true);
  others.come(Type::offer, StoreTime::kMostOtherBytes);
  EXPECT_TRUE(others.due_after(milliseconds(0)));
  others.time.stored(others.now, milliseconds(0));
  EXPECT_FALSE(others.due_after(std::chrono::hours(1)));
}

TEST(StoreTime, ASenderThatKeepsNothingIsNotWaitedFor) {
  Waiting storing;
  storing.time.set_sender_keeps(false);
  storing.come(Type::done, 90, true);
  storing.come(Type::chunk, 10 * StoreTime::kMostChunkBytes);
  storing.come(Type::offer, 10 * StoreTime::kMostOtherBytes);
  EXPECT_FALSE(storing.due_after(StoreTime::kQuiet)) << "nor waits it";
  EXPECT_TRUE(storing.due_after(StoreTime::kLongest - StoreTime::kQuiet));
}

// A transfer that goes on is slower by no more than an eighth, however slow the disk.
TEST(StoreTime, ThenTheDiskIsWaitedForASmallPartOfTheTime) {
  for (const milliseconds took : {milliseconds(600), milliseconds(3000)}) {
    Waiting storing;
    storing.time.set_sender_keeps(false);
    storing.time.stored(storing.now, took);
    const TimePoint after = storing.now += took;
    storing.come(Type::done, 90, true);
    while (!storing.due_after(milliseconds(50))) storing.come(Type::chunk, 1000);
    EXPECT_EQ(storing.now - after, StoreTime::kRest * took);
  }
  Waiting held;
  held.time.stored(held.now, milliseconds(600));
  held.come(Type::done, 90, true);
  EXPECT_TRUE(held.due_after(StoreTime::kQuiet)) << "who waits for room is not let wait";
}

}  // namespace
}  // namespace parley::client
