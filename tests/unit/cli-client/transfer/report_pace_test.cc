#include "cli-client/transfer/report_pace.h"

#include <gtest/gtest.h>

#include <vector>

namespace parley::client {
namespace {

using namespace std::chrono_literals;

class ReportPaceTest : public testing::Test {
 protected:
  // What is told of a transfer that does so many percent in each second.
  std::vector<unsigned> told(double per_second, int count) {
    std::vector<unsigned> lines;
    for (int second = 1; second <= count; ++second) {
      now += 1s;
      const auto percent = static_cast<unsigned>(std::min(per_second * second, 100.0));
      if (!pace.due(percent, now)) continue;
      pace.told(percent, now);
      lines.push_back(percent);
    }
    return lines;
  }

  ReportPace::Time now{1h};
  ReportPace pace{now};
};

TEST_F(ReportPaceTest, EachTenthIsTold) {
  EXPECT_EQ(told(2.5, 40), (std::vector<unsigned>{10, 20, 30, 40, 50, 60, 70, 80, 90}));
}

TEST_F(ReportPaceTest, WhatIsQuickIsToldLess) { EXPECT_EQ(told(40, 3), (std::vector<unsigned>{40, 80})); }

TEST_F(ReportPaceTest, NothingIsToldOfAMoment) { EXPECT_FALSE(pace.due(90, now + 999ms)); }

TEST_F(ReportPaceTest, HalfAMinuteIsNotSilent) { EXPECT_EQ(told(0.01, 95), (std::vector<unsigned>{0, 0, 0})); }

}  // namespace
}  // namespace parley::client
