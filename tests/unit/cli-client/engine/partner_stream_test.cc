#include "cli-client/engine/partner_stream.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

class PartnerStreamTest : public testing::Test {
 protected:
  static chat::Psk key() { return chat::derive_psk(chat::Secret{}, "AAAAAAAAAAAAAAAAAAAAAA"); }
  Bytes output(PartnerStream& stream) const {
    Bytes bytes;
    stream.write(bytes, 100'000, now);
    return bytes;
  }

  TimePoint now{};
  chat::Conversation ours{chat::Conversation::Options{"us", {}}};
  chat::Conversation theirs{chat::Conversation::Options{"them", {}}};
  PartnerStream first{ours, key()};
  PartnerStream second{theirs, key()};
};

TEST_F(PartnerStreamTest, TheSecondGreetsTheFirst) {
  first.start(relay::Role::first);
  second.start(relay::Role::second);
  EXPECT_TRUE(output(first).empty());
  const Bytes hello = output(second);
  ASSERT_GT(hello.size(), 6U);
  EXPECT_EQ(hello[0], std::byte{22});  // a handshake's record (RFC 8446 section 5.1), and
  EXPECT_EQ(hello[5], std::byte{1});   // its ClientHello
  EXPECT_FALSE(first.receive(hello, now));
  EXPECT_FALSE(second.receive(output(first), now));
  EXPECT_FALSE(first.receive(output(second), now));
  EXPECT_NE(first.verify_text(), "");
  EXPECT_EQ(first.verify_text(), second.verify_text());
}

TEST_F(PartnerStreamTest, WhatComesWhileNoneRunsIsDropped) {
  EXPECT_FALSE(first.receive(as_bytes("of an older stream"), now));
  first.start(relay::Role::first);
  first.stop();
  EXPECT_FALSE(first.receive(as_bytes("of an older stream"), now));
  EXPECT_TRUE(output(first).empty());
}

}  // namespace
}  // namespace parley::client
