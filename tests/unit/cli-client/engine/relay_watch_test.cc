#include "cli-client/engine/relay_watch.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

using std::chrono::seconds;
using Verdict = RelayWatch::Verdict;

class RelayWatchTest : public testing::Test {
 protected:
  const TimePoint begin{std::chrono::hours(1)};
  RelayWatch watch;

  void SetUp() override {
    watch.begin(begin);
    watch.welcomed();
  }
};

TEST_F(RelayWatchTest, AsksOnceInASilenceAndThenGivesUp) {
  EXPECT_EQ(watch.deadline(begin), begin + seconds(10));
  EXPECT_EQ(watch.look(begin, begin + seconds(9)), Verdict::fine);
  EXPECT_EQ(watch.look(begin, begin + seconds(10)), Verdict::ask);
  EXPECT_EQ(watch.deadline(begin), begin + seconds(20));
  EXPECT_EQ(watch.look(begin, begin + seconds(19)), Verdict::fine);
  EXPECT_EQ(watch.look(begin, begin + seconds(20)), Verdict::gone);
}

TEST_F(RelayWatchTest, AnythingHeardBeginsAnew) {
  EXPECT_EQ(watch.look(begin, begin + seconds(10)), Verdict::ask);
  const TimePoint heard = begin + seconds(19);
  EXPECT_EQ(watch.look(heard, begin + seconds(20)), Verdict::fine);
  EXPECT_EQ(watch.deadline(heard), heard + seconds(10));
  EXPECT_EQ(watch.look(heard, heard + seconds(10)), Verdict::ask);
}

TEST_F(RelayWatchTest, WhoLooksLateAsksBeforeItGivesUp) {
  EXPECT_EQ(watch.look(begin, begin + std::chrono::hours(1)), Verdict::ask);
}

TEST_F(RelayWatchTest, HelloIsAnsweredInTimeWhateverElseIsSaid) {
  watch.begin(begin);
  EXPECT_EQ(watch.deadline(begin + seconds(15)), begin + seconds(20));
  EXPECT_EQ(watch.look(begin + seconds(19), begin + seconds(19)), Verdict::fine);
  EXPECT_EQ(watch.look(begin + seconds(20), begin + seconds(20)), Verdict::gone);
}

}  // namespace
}  // namespace parley::client
