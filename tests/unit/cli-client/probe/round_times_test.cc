#include "cli-client/probe/round_times.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

using std::chrono::seconds;

class RoundTimesTest : public testing::Test {
 protected:
  const TimePoint start{std::chrono::hours(1)};
  RoundTimes times{seconds(30), start};
};

TEST_F(RoundTimesTest, TheFirstIsAtOnceAndTheOthersAreSoFarApartHoweverLateEachBegins) {
  EXPECT_EQ(times.next(), start);
  times.begin(start);
  EXPECT_EQ(times.next(), start + seconds(30));
  times.begin(start + seconds(34));
  EXPECT_EQ(times.next(), start + seconds(60));
}

TEST_F(RoundTimesTest, WhatWasMissedIsNotMadeUpFor) {
  times.begin(start);
  times.begin(start + std::chrono::hours(5));
  EXPECT_EQ(times.next(), start + std::chrono::hours(5) + seconds(30));
}

}  // namespace
}  // namespace parley::client
