#include "cli-client/base/time_option.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace parley::client {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(TimeOption, IsADurationZeroOrNone) {
  EXPECT_EQ(parse_time("500ms").value(), 500ms);
  EXPECT_EQ(parse_time("1m30s").value(), 90s);
  EXPECT_EQ(parse_time("0").value(), 0ms);
  EXPECT_EQ(parse_time("0s").value(), 0ms);
  EXPECT_EQ(parse_time("none").value(), std::nullopt);
}

TEST(TimeOption, ZeroIsNoLimit) {
  EXPECT_EQ(parse_limit("0"), std::nullopt);
  EXPECT_EQ(parse_limit("0ms"), std::nullopt);
  EXPECT_EQ(parse_limit("none"), std::nullopt);
  EXPECT_EQ(parse_limit("1m30s"), 90s);
}

TEST(TimeOption, MistakesAreNamedWithTheirRemedy) {
  EXPECT_EQ(parse_time("2").error(),
            "\"2\": it has no unit; give a number with ms, s, m or h, as in 250ms, 10m or 1m30s, or 0 or none");
  for (const char* text : {"", "None", "00", "1d", "9000h"})
    EXPECT_THAT(parse_time(text).error(), HasSubstr("; give ")) << text;
}

}  // namespace
}  // namespace parley::client
