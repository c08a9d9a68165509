#include "cli-client/engine/relay_channel.h"

#include <gtest/gtest.h>

#include "protocol/relay/errc.h"

namespace parley::client {
namespace {

using relay::FrameType;

Bytes frame(FrameType type, std::string_view payload) {
  Bytes bytes;
  append(bytes, as_bytes(relay::to_frame(type, as_bytes(payload))));
  return bytes;
}

class RelayChannelTest : public testing::Test {
 protected:
  RelayChannel channel{relay::Hello{"lounge"}};
  Bytes received;

  void SetUp() override { channel.output().clear(); }
  void come(const Bytes& bytes) { append(received, bytes); }
  void come(const std::string& bytes) { append(received, as_bytes(bytes)); }
  void pair(bool resumed) {
    come(relay::to_frame(relay::Paired{"s", relay::Role::first, "token", resumed, {}}));
    ASSERT_TRUE(holds<relay::Paired>());
  }
  template <class T>
  bool holds() {
    const auto event = channel.next(received);
    return event && *event && std::holds_alternative<T>(**event);
  }
};

TEST_F(RelayChannelTest, SaysHelloFirst) {
  RelayChannel anew(relay::Hello{"lounge"});
  EXPECT_EQ(as_text(anew.output()), relay::to_frame(relay::Hello{"lounge"}));
}

TEST_F(RelayChannelTest, GivesEventsHoweverTheBytesAreCut) {
  Bytes all;
  append(all, as_bytes(relay::to_frame(relay::Waiting{{}, "t"})));
  append(all, frame(static_cast<FrameType>(0x90), "of tomorrow"));
  append(all, as_bytes(relay::to_frame(relay::Paired{"s", relay::Role::second, "t", false, {}})));
  append(all, frame(FrameType::data, "hello"));
  std::string seen;
  for (const std::byte byte : all) {
    received.push_back(byte);
    for (;;) {
      const auto event = channel.next(received);
      ASSERT_TRUE(event);
      if (!*event) break;
      if (std::holds_alternative<relay::Waiting>(**event)) seen += "waiting ";
      if (std::holds_alternative<relay::Paired>(**event)) seen += "paired ";
      if (const auto* data = std::get_if<Data>(&**event)) seen += as_text(data->bytes);
    }
  }
  EXPECT_EQ(seen, "waiting paired hello");
  EXPECT_TRUE(received.empty());
}

TEST_F(RelayChannelTest, IsReadyForAResumedStreamOnly) {
  pair(false);
  EXPECT_TRUE(channel.output().empty());
  pair(true);
  EXPECT_EQ(channel.output(), frame(FrameType::ready, ""));
}

TEST_F(RelayChannelTest, ASessionGoesOnWithTheRoleThatItHad) {
  const auto paired = [](relay::Role role, bool resumed) {
    return relay::to_frame(relay::Paired{"s", role, "token", resumed, {}});
  };
  using enum relay::Role;
  for (const auto& [role, resumed, allowed] :
       {std::tuple(first, true, true), std::tuple(first, false, false), std::tuple(second, true, false)}) {
    RelayChannel anew(relay::Hello{"lounge"});
    Bytes bytes;
    append(bytes, as_bytes(paired(first, false) + paired(role, resumed)));
    EXPECT_TRUE(anew.next(bytes));
    EXPECT_EQ(anew.next(bytes).has_value(), allowed);
  }
}

TEST_F(RelayChannelTest, AnswersPing) {
  come(frame(FrameType::ping, "12345678"));
  const auto event = channel.next(received);
  EXPECT_TRUE(event && !*event);
  EXPECT_EQ(channel.output(), frame(FrameType::pong, "12345678"));
}

TEST_F(RelayChannelTest, CutsWhatIsTooLongForOneMessage) {
  pair(false);
  channel.send(Bytes(relay::kMaxPayloadBytes + 1));
  EXPECT_EQ(channel.output().size(), relay::kMaxPayloadBytes + 1 + 2 * relay::kHeaderBytes);
}

TEST_F(RelayChannelTest, RefusesWhatARelayMayNotSend) {
  come(frame(FrameType::data, "before PAIRED"));
  EXPECT_FALSE(channel.next(received));
  received.clear();
  RelayChannel other(relay::Hello{"lounge"});
  come(relay::to_frame(relay::Hello{"lounge"}));
  EXPECT_EQ(other.next(received).error(), relay::Errc::wrong_sender);
}

}  // namespace
}  // namespace parley::client
