#include "cli-client/engine/partner_watch.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

using std::chrono::seconds;

class PartnerWatchTest : public testing::Test {
 protected:
  TimePoint now{std::chrono::hours(1)};
  PartnerWatch watch;

  bool stalls_after(seconds time, bool outstanding = true) {
    EXPECT_FALSE(watch.stalled(outstanding, now));
    now += time - seconds(1);
    EXPECT_FALSE(watch.stalled(outstanding, now));
    now += seconds(1);
    return watch.stalled(outstanding, now);
  }
};

TEST_F(PartnerWatchTest, WaitsTenSecondsForAWord) {
  watch.expect_word(now);
  EXPECT_EQ(watch.deadline(), now + seconds(10));
  EXPECT_TRUE(stalls_after(seconds(10), false));
}

TEST_F(PartnerWatchTest, NothingIsDueOfWhoHasEverything) {
  watch.expect_word(now);
  watch.met();
  EXPECT_FALSE(stalls_after(seconds(1000), false));
  EXPECT_EQ(watch.deadline(), std::nullopt);
}

TEST_F(PartnerWatchTest, StallsLongerAndLongerUntilThereIsProgress) {
  for (const int expected : {20, 40, 80, 160, 320, 600, 600}) {
    watch.expect_word(now);
    watch.met();
    EXPECT_TRUE(stalls_after(seconds(expected))) << expected;
    watch.stop();
    EXPECT_EQ(watch.deadline(), std::nullopt);
  }
  watch.progress();
  watch.met();
  EXPECT_TRUE(stalls_after(seconds(20)));
}

TEST_F(PartnerWatchTest, ProgressBeginsTheTimeAnew) {
  watch.met();
  EXPECT_FALSE(watch.stalled(true, now));
  now += seconds(19);
  watch.progress();
  EXPECT_TRUE(stalls_after(seconds(20)));
}

}  // namespace
}  // namespace parley::client
