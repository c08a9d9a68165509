// How a conversation ends: docs/chat-protocol.md, "The end".

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/protocol/chat/conversation_fixture.h"

namespace parley::chat {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

using ConversationEndTest = ConversationTest;

TEST_F(ConversationEndTest, ByeComesAfterAllElseWasAcknowledged) {
  meet();
  a.say("last");
  a.conversation.finish();
  give(b, written(a));
  EXPECT_THAT(b.texts, ElementsAre("last"));
  EXPECT_TRUE(written(a).empty());
  settle();
  EXPECT_THAT(b.texts, ElementsAre("last", "BYE"));
  EXPECT_TRUE(a.conversation.bye_acknowledged());
  EXPECT_FALSE(a.conversation.over());
  b.say("I still talk");
  b.conversation.finish();
  settle();
  EXPECT_THAT(a.texts, ElementsAre("I still talk", "BYE"));
  EXPECT_TRUE(a.conversation.over() && a.conversation.good_end());
  EXPECT_TRUE(b.conversation.over() && b.conversation.good_end());
}

TEST_F(ConversationEndTest, BothMayEndAtOnce) {
  meet();
  a.conversation.finish();
  b.conversation.finish();
  const Bytes up = written(a);
  const Bytes down = written(b);
  give(a, down);
  give(b, up);
  settle();
  EXPECT_TRUE(a.conversation.over() && a.conversation.good_end());
  EXPECT_TRUE(b.conversation.over() && b.conversation.good_end());
}

TEST_F(ConversationEndTest, ALostLastAcknowledgementIsSaidAgain) {
  meet();
  a.conversation.finish();
  settle();
  b.conversation.finish();
  give(a, written(b));
  cut();  // before a has acknowledged b's BYE
  EXPECT_FALSE(a.conversation.over());
  meet();
  EXPECT_TRUE(a.conversation.over());
  EXPECT_TRUE(b.conversation.over());
}

TEST_F(ConversationEndTest, AnAcknowledgementThatNeverComesIsWaitedForLongerWithoutAStream) {
  meet();
  a.conversation.finish();
  settle();
  b.conversation.finish();
  (void)written(b);
  advance(2s);
  cut();
  advance(27'999ms);
  EXPECT_FALSE(b.conversation.over());
  b.conversation.start_stream();
  give(b, hello(1, b.conversation.id(), 0));
  advance(2999ms);
  EXPECT_FALSE(b.conversation.over()) << "who is back has the time of a stream";
  cut();
  advance(27'001ms);
  EXPECT_TRUE(b.conversation.over());
}

TEST_F(ConversationEndTest, AnAcknowledgementThatNeverComesIsWaitedForThreeSeconds) {
  meet();
  a.conversation.finish();
  settle();
  b.conversation.finish();
  (void)written(b);
  ASSERT_TRUE(b.conversation.deadline());
  advance(2999ms);
  EXPECT_FALSE(b.conversation.over());
  advance(1ms);
  EXPECT_TRUE(b.conversation.over());
  EXPECT_TRUE(b.conversation.good_end());
}

TEST_F(ConversationEndTest, APartnerThatGoesIsALossUnlessItsByeWasTaken) {
  meet();
  b.conversation.finish();
  b.take = false;
  give(b, record(Type::bye, 1));
  b.conversation.partner_left();
  EXPECT_TRUE(b.conversation.over());
  EXPECT_FALSE(b.conversation.good_end());
  b.take_all(now);
  EXPECT_TRUE(b.conversation.good_end());
}

TEST_F(ConversationEndTest, APartnerThatGoesIsALossUnlessItHasAcknowledgedAll) {
  meet();
  a.say("x");
  a.conversation.finish();
  give(b, written(a));
  give(a, record(Type::bye, 1));
  a.conversation.partner_left();
  EXPECT_TRUE(a.conversation.heard_all());
  EXPECT_FALSE(a.conversation.good_end()) << "its goodbye does not say that it has taken anything";
  advance(kAckDelay);
  give(a, written(b));
  EXPECT_TRUE(a.conversation.good_end());
}

TEST_F(ConversationEndTest, APartnerThatGoesIsALossForWhoHasMoreToSay) {
  meet();
  give(a, record(Type::bye, 1));
  a.conversation.partner_left();
  EXPECT_TRUE(a.conversation.heard_all() && a.conversation.delivered_all());
  EXPECT_FALSE(a.conversation.good_end());
}

TEST_F(ConversationEndTest, WhoGivesUpSaysNoByeButAcknowledgesWhatItHasTaken) {
  for (const bool finished_before : {true, false}) {
    Side side(3);
    side.conversation.start_stream();
    give(side, hello(9));
    (void)written(side);
    side.take = false;
    give(side, record(Type::text, 1, "taken"));
    side.take_all(now);
    give(side, record(Type::text, 2, "refused"));
    if (finished_before) side.conversation.finish();
    side.conversation.give_up();
    if (!finished_before) side.conversation.finish();
    side.conversation.acknowledge_now();
    EXPECT_EQ(to_hex(written(side)),
              "030000080000000000000000"
              "0000000000000001");
    EXPECT_TRUE(written(side).empty());
    EXPECT_FALSE(side.conversation.wants_to_write());
    EXPECT_FALSE(side.conversation.can_send(Type::text, 1));
    give(side, record(Type::bye, 3));
    side.take_all(now);
    EXPECT_FALSE(side.conversation.good_end());
  }
}

TEST_F(ConversationEndTest, WhoFindsABreachAcknowledgesWhatItHasTakenAndNoMore) {
  meet();
  b.say("not to be said any more");
  Bytes wire = record(Type::text, 1, "taken");
  append(wire, record(Type::text, 3, "behind a gap"));
  give(b, wire);
  b.conversation.acknowledge_now();
  EXPECT_EQ(to_hex(written(b)),
            "030000080000000000000000"
            "0000000000000001");
}

}  // namespace
}  // namespace parley::chat
