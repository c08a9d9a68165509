#include "cli-client/chat/status.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

using namespace std::chrono_literals;

class ChatStatusTest : public testing::Test {
 protected:
  ChatStatus status;
  const ChatStatus::TimePoint now{1h};

  void be(Link::State state) { status.link.state = state; }
  std::string line() const { return status_line(status, now); }
};

TEST_F(ChatStatusTest, SaysWhatIsWaitedFor) {
  EXPECT_EQ(line(), "connecting to the relay");
  be(Link::State::waiting);
  EXPECT_EQ(line(), "waiting for the other side");
  be(Link::State::reconnecting);
  status.link.why = "the relay is full";
  status.link.retry_at = now + 2500ms;
  status.unsettled = 2;
  EXPECT_EQ(line(), "connecting again in 3 s · 2 messages wait · the relay is full");
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
  EXPECT_EQ(status_line(status, now + 1s), "connected with bob");
  EXPECT_EQ(status_changes_at(status, now + 1s), std::nullopt);
}

TEST_F(ChatStatusTest, DoesNotFlickerWithEveryAcknowledgement) {
  be(Link::State::together);
  status.unsettled = 1;
  status.unsettled_since = now;
  EXPECT_EQ(line(), "connected with the other side");
  EXPECT_EQ(status_line(status, now + 2s), "connected with the other side · 1 message waits");
}

TEST_F(ChatStatusTest, SaysWhenTheRelayCanRead) {
  be(Link::State::together);
  status.readable_by_relay = true;
  EXPECT_EQ(line(), "connected with the other side · the relay can read this");
}

}  // namespace
}  // namespace parley::client
