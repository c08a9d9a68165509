#include "cli-client/base/duration.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

using namespace std::chrono_literals;

TEST(Duration, IsRead) {
  EXPECT_EQ(parse_duration("500ms").value(), 500ms);
  EXPECT_EQ(parse_duration("10s").value(), 10s);
  EXPECT_EQ(parse_duration("2m").value(), 2min);
  EXPECT_EQ(parse_duration("1h").value(), 1h);
  EXPECT_EQ(parse_duration("0").value(), 0ms);
  EXPECT_EQ(parse_duration("0s").value(), 0ms);
  EXPECT_EQ(parse_duration("none").value(), std::nullopt);
}

TEST(Duration, ZeroIsNoLimit) {
  EXPECT_EQ(parse_limit("0"), std::nullopt);
  EXPECT_EQ(parse_limit("0ms"), std::nullopt);
  EXPECT_EQ(parse_limit("none"), std::nullopt);
  EXPECT_EQ(parse_limit("3s"), 3s);
}

TEST(Duration, MistakesAreNamed) {
  for (const char* text : {"", "2", "s", "-1s", "1.5s", " 1s", "1 s", "1d", "None", "99999999999999999999s", "9000h"}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_FALSE(duration.error().empty());
  }
}

TEST(Duration, IsWrittenInItsLargestUnit) {
  EXPECT_EQ(duration_text(0ms), "0");
  EXPECT_EQ(duration_text(1500ms), "1500ms");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(120s), "2m");
  EXPECT_EQ(duration_text(2h), "2h");
}

}  // namespace
}  // namespace parley::client
