#include "base/duration.h"

#include <gtest/gtest.h>

#include <random>

namespace parley {
namespace {

using namespace std::chrono_literals;

TEST(Duration, IsReadInEachUnitAndInSeveral) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("1m30s"), 90s);
  EXPECT_EQ(parse_duration("1h2m3s4ms"), 1h + 2min + 3s + 4ms);
  EXPECT_EQ(parse_duration("0s"), 0ms);
  EXPECT_EQ(parse_duration("8760h"), 8760h);
}

TEST(Duration, MistakesAreNamed) {
  const auto why = [](const char* text) {
    const auto duration = parse_duration(text);
    return duration ? std::string("taken") : duration.error().why;
  };
  EXPECT_EQ(why(""), "it is empty");
  for (const char* text : {"2", "0", "1m30"}) EXPECT_EQ(why(text), "it has no unit") << text;
  for (const char* text : {"s", "-1s", "1.5s", " 1s", "1 s", "1s ", "1d", "1S", "none", "+1s"})
    EXPECT_EQ(why(text), "it is not a duration") << text;
  for (const char* text : {"1s1m", "1m1m", "1ms1s"})
    EXPECT_EQ(why(text), "its units are not in the order h, m, s, ms") << text;
  for (const char* text : {"8760h1ms", "9000h", "99999999999999999999s", "18446744073709551615ms"})
    EXPECT_EQ(why(text), "it is longer than a year") << text;
}

TEST(Duration, IsWrittenInItsLargestUnit) {
  EXPECT_EQ(duration_text(0ms), "0s");
  EXPECT_EQ(duration_text(1500ms), "1500ms");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(120s), "2m");
  EXPECT_EQ(duration_text(2h), "2h");
}

TEST(Duration, IsReadAsItIsWritten) {
  std::mt19937 random(7);
  for (int i = 0; i < 1000; ++i) {
    const std::chrono::milliseconds duration(random());
    EXPECT_EQ(parse_duration(duration_text(duration)), duration);
  }
}

}  // namespace
}  // namespace parley
