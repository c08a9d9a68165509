#include "cli-client/chat/status.h"

#include <gtest/gtest.h>

#include <clocale>

namespace parley::client {
namespace {

using namespace std::chrono_literals;

class ChatStatusTest : public testing::Test {
 protected:
  ChatStatus status;
  const ChatStatus::TimePoint now{1h};

  void be(Link::State state) { status.link.state = state; }
  std::string line(std::size_t columns = 79) const { return status_line(status, now, columns); }
};

TEST_F(ChatStatusTest, SaysWhatIsWaitedFor) {
  EXPECT_EQ(line(), "connecting to the relay");
  be(Link::State::waiting);
  EXPECT_EQ(line(), "waiting for the other side");
  be(Link::State::reconnecting);
  status.link.why = "the relay is full";
  status.link.retry_at = now + 2500ms;
  status.unsettled = 2;
  EXPECT_EQ(line(), "connecting again in 3 s · Enter: now · 2 messages wait · the relay is full");
  EXPECT_EQ(status_changes_at(status, now), now + 501ms);
  status.leaving = true;
  EXPECT_EQ(line(), "leaving · connecting again in 3 s · 2 messages wait, Ctrl-C leaves at once · the relay is full");
  status.leaving = false;
  be(Link::State::connecting);
  EXPECT_EQ(line(), "connecting again · 2 messages wait · the relay is full");
  be(Link::State::partner_lost);
  status.link.partner = "bob";
  status.unsettled = 1;
  EXPECT_EQ(line(), "bob has lost its connection; waiting for it to come back · 1 message waits");
}

TEST_F(ChatStatusTest, ShowsTypingForAWhile) {
  be(Link::State::together);
  status.link.partner = "bob";
  status.typing_until = now + 1s;
  EXPECT_EQ(line(), "connected with bob · bob is typing");
  EXPECT_EQ(status_changes_at(status, now), now + 1s);
  EXPECT_EQ(status_line(status, now + 1s, 79), "connected with bob");
  EXPECT_EQ(status_changes_at(status, now + 1s), std::nullopt);
}

TEST_F(ChatStatusTest, DoesNotFlickerWithEveryAcknowledgement) {
  be(Link::State::together);
  status.unsettled = 1;
  status.unsettled_since = now;
  EXPECT_EQ(line(), "connected with the other side");
  EXPECT_EQ(status_line(status, now + 2s, 79), "connected with the other side · 1 message waits");
}

TEST_F(ChatStatusTest, SaysHowFarFilesAre) {
  ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr);
  be(Link::State::together);
  status.link.partner = "bob";
  TransferProgress progress{.files_total = 1, .bytes_total = 100'000'000};
  ProgressMeter meter(now - 10s, 1s);
  for (auto at = now - 10s; at <= now; at += 250ms) {
    meter.update(progress, at);
    progress.bytes_moved = progress.bytes_done += 1'000'000;
  }
  status.transfers = {{false, &meter, "photos/summer/001.jpg"}};
  EXPECT_EQ(line(), "connected with bob · sending …/summer/001.jpg  [#   ]  40%  4.0 MB/s  15 s left");
  EXPECT_EQ(line(39), "↑ [#   ]  40%  4.0 MB/s  15 s left");
  EXPECT_EQ(line(199),
            "connected with bob · sending photos/summer/001.jpg  [#######           ]  40%  40 MB of 100 MB  4.0 MB/s  "
            "15 s left");
  EXPECT_EQ(status_changes_at(status, now), now + 250ms) << "rates change";
  for (auto at = now + 250ms; at <= now + 5s; at += 250ms) meter.update(meter.progress(), at);
  EXPECT_EQ(status_line(status, now + 5s, 39), "↑ …01.jpg  [#   ]  40%  stalled for 5 s");
  be(Link::State::reconnecting);
  status.link.retry_at = now + 3s;
  EXPECT_TRUE(line(39).starts_with("connecting again in 3 s · Enter: now")) << line(39);
}

TEST_F(ChatStatusTest, SaysWhenTheRelayCanRead) {
  be(Link::State::together);
  status.readable_by_relay = true;
  EXPECT_EQ(line(), "connected with the other side · the relay can read this");
}

}  // namespace
}  // namespace parley::client
