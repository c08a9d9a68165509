#include "cli-client/files/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace parley::client {
namespace {

TEST(Quantity, Sizes) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(999), "999 B");
  EXPECT_EQ(size_text(1000), "1.0 kB");
  EXPECT_EQ(size_text(9999), "9.9 kB");
  EXPECT_EQ(size_text(10'000), "10 kB");
  EXPECT_EQ(size_text(999'999), "999 kB");
  EXPECT_EQ(size_text(1'000'000), "1.0 MB");
  EXPECT_EQ(size_text(5'000'000'000), "5.0 GB");
  EXPECT_EQ(size_text(std::numeric_limits<std::uint64_t>::max()), "18 EB");
}

TEST(Quantity, Times) {
  using std::chrono::seconds;
  EXPECT_EQ(time_text(seconds(0)), "0 s");
  EXPECT_EQ(time_text(seconds(59)), "59 s");
  EXPECT_EQ(time_text(seconds(60)), "1 min");
  EXPECT_EQ(time_text(seconds(125)), "2 min 5 s");
  EXPECT_EQ(time_text(seconds(3780)), "1 h 3 min");
  EXPECT_EQ(time_text(seconds(100'000)), "1 d 3 h");
}

TEST(Quantity, Counts) {
  EXPECT_EQ(count_text(0, "file", "files"), "0 files");
  EXPECT_EQ(count_text(1, "file", "files"), "1 file");
  EXPECT_EQ(count_text(999, "file", "files"), "999 files");
  EXPECT_EQ(count_text(1'234'567, "file", "files"), "1,234,567 files");
}

}  // namespace
}  // namespace parley::client
