// STORED: what is on the other side's disk, told apart from what it has taken, where both know of that.
#include <gmock/gmock.h>

#include "protocol/chat/errc.h"
#include "tests/unit/protocol/chat/two_sides.h"

namespace parley::chat {
namespace {

using Features = std::vector<std::string>;

class StoredRecord : public testing::Test {
 protected:
  void meet(const Features& of_a, const Features& of_b) {
    a.emplace(1U, of_a);
    b.emplace(2U, of_b);
    reconnect();
  }
  void reconnect() {
    a->conversation.start_stream();
    b->conversation.start_stream();
    settle();
  }
  void carry(Side& from, Side& to) {
    Bytes wire;
    now += kAckDelay;
    from.conversation.advance(now);
    from.conversation.write(wire, std::size_t{1} << 20U, now);
    to.error = to.conversation.receive(wire, now);
    to.drain(now);
  }
  void settle() {
    for (int i = 0; i < 4; ++i) {
      carry(*a, *b);
      carry(*b, *a);
    }
  }

  const Features both{std::string(kStoredFeature)};
  std::optional<Side> a, b;
  Conversation::Time now{std::chrono::hours(1)};
};

TEST_F(StoredRecord, IsToldApartFromWhatIsTaken) {
  meet(both, both);
  a->say("one");
  a->say("two");
  settle();
  EXPECT_EQ(a->acknowledged, 2U);
  EXPECT_EQ(a->stored, 0U);
  b->conversation.stored({1, 0});
  EXPECT_TRUE(b->conversation.wants_to_write());
  settle();
  EXPECT_EQ(a->stored, 1U);
  b->conversation.stored({2, 0});
  settle();
  EXPECT_EQ(a->stored, 2U);
}

TEST_F(StoredRecord, WhereOneSideDoesNotKnowItAckSaysIt) {
  for (const auto& [ours, theirs] : {std::pair(both, Features{}), std::pair(Features{}, both)}) {
    meet(ours, theirs);
    EXPECT_FALSE(a->conversation.tells_stored());
    EXPECT_FALSE(b->conversation.tells_stored());
    a->say("one");
    settle();
    EXPECT_EQ(a->stored, 1U);
    b->conversation.stored({1, 0});
    EXPECT_FALSE(b->conversation.wants_to_write());
  }
}

TEST_F(StoredRecord, LostWithItsStreamItIsToldOnTheNext) {
  meet(both, both);
  a->say("one");
  settle();
  b->conversation.stored({1, 0});
  Bytes lost;
  b->conversation.write(lost, 1000, now);
  EXPECT_FALSE(lost.empty());
  reconnect();
  EXPECT_EQ(a->stored, 1U);
}

TEST_F(StoredRecord, ComesAlsoBehindBye) {
  meet(both, both);
  a->say("one");
  settle();
  b->conversation.finish();
  settle();
  b->conversation.stored({1, 0});
  settle();
  EXPECT_EQ(a->stored, 1U);
}

TEST_F(StoredRecord, WhatWasStoredOfAFormerConversationIsNoMatter) {
  meet(both, both);
  a->say("one");
  settle();
  b->conversation.stored({1, 0});
  settle();
  a.emplace(3U, both);  // its program was restarted
  reconnect();
  a->say("another");
  settle();
  b->conversation.stored({1, 0});
  settle();
  EXPECT_EQ(a->acknowledged, 1U);
  EXPECT_EQ(a->stored, 0U);
  b->conversation.stored({1, 1});
  settle();
  EXPECT_EQ(a->stored, 1U);
}

TEST_F(StoredRecord, OfWhatWasNeverSentIsAnError) {
  meet(both, both);
  Bytes wire;
  append_record(wire, {Type::stored, 0, bytes(std::string("\0\0\0\0\0\0\0\1", 8))});
  EXPECT_EQ(a->conversation.receive(wire, now), Errc::never_sent);
}

}  // namespace
}  // namespace parley::chat
