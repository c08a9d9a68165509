#include "service/view/ids.h"

#include <gtest/gtest.h>

#include <limits>

namespace parley {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(Ids, SixteenDigitsAlways) {
  EXPECT_EQ(to_hex(0), "0000000000000000");
  EXPECT_EQ(to_hex(0x1a2b), "0000000000001a2b");
  EXPECT_EQ(to_hex(kMax), "ffffffffffffffff");
  EXPECT_EQ(to_string(SessionId{0xc0ffee}), "0000000000c0ffee");
}

TEST(Ids, ReadsWhatItWrote) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 63, kMax}) {
    EXPECT_EQ(from_hex(to_hex(value)), value);
  }
  EXPECT_EQ(from_hex("00000000DEADBEEF"), 0xdeadbeef);
}

TEST(Ids, RefusesAllElse) {
  for (const char* text : {"", "0", "000000000000000", "00000000000000000", "000000000000000g", "-000000000000001",
                           "+000000000000001", " 000000000000001", "0x00000000000001", "000000000000001 "}) {
    EXPECT_EQ(from_hex(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(Ids, GrowInTheOrderOfCreation) { EXPECT_LT(LegId{1}, LegId{2}); }

}  // namespace
}  // namespace parley
