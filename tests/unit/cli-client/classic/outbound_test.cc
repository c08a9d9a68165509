#include "cli-client/classic/outbound.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kShort = 64;
constexpr std::size_t kLong = Outbound::kTodaysKeyBytes;

class OutboundTest : public testing::Test {
 protected:
  // What goes out at this moment.
  std::size_t goes_out(Outbound& outbound) {
    outbound.advance(now_);
    const std::size_t bytes = outbound.ready().size();
    outbound.sent(bytes, now_);
    return bytes;
  }

  TimePoint now_{1h};
};

TEST_F(OutboundTest, TheKeyGoesAtOnceAndBlocksBehindAPause) {
  for (const bool key_first : {true, false}) {
    Outbound outbound(Bytes(100), Pace::automatic);
    EXPECT_EQ(outbound.ready().size(), 100U);
    if (key_first) {
      EXPECT_EQ(goes_out(outbound), 100U);
    }
    now_ += 1min;
    outbound.begin(kLong, now_);
    outbound.put(Bytes(3 * kLong));
    if (!key_first) {
      EXPECT_EQ(goes_out(outbound), 100U) << "a relay that waits for one of its addresses' keys";
    }
    EXPECT_EQ(goes_out(outbound), 0U);
    EXPECT_EQ(outbound.deadline(), now_ + Outbound::kPause);
    now_ += Outbound::kPause - 1ms;
    EXPECT_EQ(goes_out(outbound), 0U);
    now_ += 1ms;
    EXPECT_EQ(goes_out(outbound), 3 * kLong) << "a relay of today takes them as they come";
    EXPECT_TRUE(outbound.empty());
    EXPECT_FALSE(outbound.deadline());
    outbound.put(Bytes(kLong));
    EXPECT_EQ(goes_out(outbound), kLong);
  }
}

TEST_F(OutboundTest, ARelayWithAShortKeyGetsABlockForEachMessageOfTheOtherSide) {
  for (const auto& [pace, block] : {std::pair(Pace::automatic, kShort), std::pair(Pace::always, kLong)}) {
    Outbound outbound(Bytes(100), pace);
    (void)goes_out(outbound);
    outbound.begin(block, now_);
    outbound.put(Bytes(2 * block));
    outbound.put(Bytes(block));
    now_ += Outbound::kPause;
    EXPECT_EQ(goes_out(outbound), block);
    EXPECT_TRUE(outbound.waits_for_answer());
    now_ += 1h;
    EXPECT_EQ(goes_out(outbound), 0U) << "it does not read, and would take two for one";
    EXPECT_FALSE(outbound.deadline());
    outbound.answered(now_);
    EXPECT_EQ(goes_out(outbound), 0U) << "of two, the second has been sent what it answers before its own was read";
    EXPECT_EQ(outbound.deadline(), now_ + Outbound::kPause);
    now_ += 10ms;
    outbound.answered(now_);
    now_ += Outbound::kPause - 10ms;
    EXPECT_EQ(goes_out(outbound), block);
    EXPECT_EQ(goes_out(outbound), 0U);
    outbound.answered(now_);
    now_ += Outbound::kPause;
    EXPECT_EQ(goes_out(outbound), block);
    EXPECT_TRUE(outbound.empty());
    EXPECT_FALSE(outbound.waits_for_answer());
  }
}

TEST_F(OutboundTest, WithoutPaceNothingWaits) {
  Outbound outbound(Bytes(100), Pace::never);
  outbound.begin(kShort, now_);
  outbound.put(Bytes(2 * kShort));
  EXPECT_EQ(goes_out(outbound), 100 + 2 * kShort);
}

TEST_F(OutboundTest, ABlockThatIsSentInPartsIsOne) {
  Outbound outbound(Bytes(100), Pace::always);
  (void)goes_out(outbound);
  outbound.begin(kShort, now_);
  outbound.put(Bytes(2 * kShort));
  now_ += Outbound::kPause;
  outbound.advance(now_);
  outbound.sent(10, now_);
  outbound.answered(now_);
  outbound.advance(now_);
  EXPECT_EQ(outbound.ready().size(), kShort - 10);
  EXPECT_EQ(outbound.bytes(), 2 * kShort - 10);
}

}  // namespace
}  // namespace parley::client
