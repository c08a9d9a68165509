#include "cli-client/terminal/time_stamps.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace parley::client {
namespace {

class TimeStampsTest : public testing::Test {
 protected:
  void SetUp() override { zone("UTC"); }
  void TearDown() override {
    before_.empty() ? ::unsetenv("TZ") : ::setenv("TZ", before_.c_str(), 1);
    ::tzset();
  }
  static void zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }

  static constexpr std::time_t kNoon = 1'795'953'600;  // of 29 November 2026, by UTC
  static constexpr std::time_t kHour = 3600;

 private:
  const std::string before_ = std::getenv("TZ") == nullptr ? "" : std::getenv("TZ");
};

TEST_F(TimeStampsTest, TheDayIsToldWhenItChanges) {
  TimeStamps times(kNoon);
  EXPECT_EQ(times.new_day(kNoon + 11 * kHour), std::nullopt);
  EXPECT_EQ(times.new_day(kNoon + 12 * kHour), "Monday, 30 November 2026");
  EXPECT_EQ(times.new_day(kNoon + 13 * kHour), std::nullopt);
  EXPECT_EQ(times.new_day(kNoon + 36 * kHour), "Tuesday, 1 December 2026");
}

TEST_F(TimeStampsTest, IsByTheUsersClock) {
  EXPECT_EQ(TimeStamps::time_of_day(kNoon), "12:00");
  zone("UTC-3");
  EXPECT_EQ(TimeStamps::time_of_day(kNoon), "15:00");
  TimeStamps times(kNoon);
  EXPECT_EQ(times.new_day(kNoon + 10 * kHour), "Monday, 30 November 2026");
}

}  // namespace
}  // namespace parley::client
