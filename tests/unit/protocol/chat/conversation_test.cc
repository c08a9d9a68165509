#include "protocol/chat/conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/chat/errc.h"
#include "tests/unit/protocol/chat/conversation_fixture.h"

namespace parley::chat {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ConversationTest, BothAreToldOfEachOther) {
  meet();
  ASSERT_EQ(a.paired.size(), 1U);
  EXPECT_EQ(a.paired[0].name, "side");
  EXPECT_FALSE(a.paired[0].resumed);
  EXPECT_EQ(b.paired.size(), 1U);
}

TEST_F(ConversationTest, HelloIsSentWithoutWaitingAndNothingElseIs) {
  a.say("early");
  a.conversation.start_stream();
  const Bytes out = written(a);
  EXPECT_EQ(out[0], std::byte{1});
  EXPECT_EQ(as_text(out).find("early"), std::string_view::npos);
  EXPECT_TRUE(written(a).empty());
}

TEST_F(ConversationTest, TextsComeInOrderAndAreAcknowledged) {
  EXPECT_EQ(a.say("before anybody is there"), 1U);
  meet();
  EXPECT_EQ(a.say("two"), 2U);
  b.say("three");
  settle();
  EXPECT_THAT(b.texts, ElementsAre("before anybody is there", "two"));
  EXPECT_THAT(a.texts, ElementsAre("three"));
  EXPECT_EQ(a.acknowledged, 2U);
  EXPECT_EQ(a.conversation.unacknowledged_bytes(), 0U);
}

TEST_F(ConversationTest, WhatIsNotTakenIsNotAcknowledged) {
  meet();
  b.take = false;
  a.say("one");
  settle();
  EXPECT_THAT(b.texts, ElementsAre("one"));
  EXPECT_EQ(a.acknowledged, 0U);
  b.take_all(now);
  settle();
  EXPECT_EQ(a.acknowledged, 1U);
}

TEST_F(ConversationTest, WhatWasReadAndNotTakenIsNotReadTwiceAfterACut) {
  meet();
  b.take = false;
  a.say("one");
  settle();
  cut();
  meet();
  EXPECT_THAT(b.texts, ElementsAre("one"));
  EXPECT_EQ(a.acknowledged, 0U);
  b.take_all(now);
  settle();
  EXPECT_EQ(a.acknowledged, 1U);
}

TEST_F(ConversationTest, WhatWasWrittenIntoACutIsSentAgain) {
  meet();
  a.say("lost");
  (void)written(a);
  a.say("not written");
  cut();
  meet();
  EXPECT_THAT(b.texts, ElementsAre("lost", "not written"));
  EXPECT_TRUE(a.paired.back().resumed);
}

TEST_F(ConversationTest, HelloAcknowledgesWhatAnAckWasLostFor) {
  meet();
  a.say("one");
  give(b, written(a));
  cut();  // the acknowledgement is not written
  connect();
  give(a, written(b));
  EXPECT_EQ(a.acknowledged, 1U);
  settle();
  EXPECT_THAT(b.texts, ElementsAre("one"));
}

TEST_F(ConversationTest, ARepetitionIsDroppedAndAcknowledgedAgain) {
  meet();
  a.say("one");
  settle();
  give(b, record(Type::text, 1, "one"));
  EXPECT_FALSE(b.error);
  EXPECT_THAT(b.texts, ElementsAre("one"));
  EXPECT_EQ(to_hex(written(b)),
            "030000080000000000000000"
            "0000000000000001");
}

TEST_F(ConversationTest, AcksWaitForBulkAndNotForText) {
  meet();
  a.conversation.send(Type::stream, Bytes(1000));
  give(b, written(a));
  EXPECT_TRUE(written(b).empty());
  ASSERT_TRUE(b.conversation.deadline());
  EXPECT_EQ(*b.conversation.deadline(), now + kAckDelay);
  advance(kAckDelay);
  EXPECT_FALSE(written(b).empty());
  EXPECT_FALSE(b.conversation.deadline());
  a.say("text");
  give(b, written(a));
  EXPECT_FALSE(written(b).empty());
  a.conversation.send(Type::stream, Bytes(kMaxBodyBytes));
  give(b, written(a));
  EXPECT_FALSE(written(b).empty());
}

TEST_F(ConversationTest, WhatIsKeptIsBounded) {
  meet();
  std::size_t sent = 0;
  while (a.conversation.can_send(Type::text, 1000)) {
    a.say(std::string(1000, 'x'));
    sent += 1000 + kHeaderBytes;
  }
  EXPECT_LE(sent, kMaxKeptBytes);
  EXPECT_GT(sent, kMaxKeptBytes * 9 / 10);
  give(b, written(a));
  EXPECT_TRUE(a.conversation.can_send(Type::chunk, 1000)) << "a window of its own";
  settle();
  EXPECT_TRUE(a.conversation.can_send(Type::text, 1000));
}

TEST_F(ConversationTest, ChunksWaitUntilWrittenAndHaveAWindow) {
  meet();
  std::size_t sent = 0;
  while (a.conversation.can_send(Type::chunk, 16'000)) {
    a.conversation.send(Type::chunk, Bytes(16'000));
    sent += 16'000;
    if (!a.conversation.can_send(Type::chunk, 16'000)) (void)written(a);
  }
  EXPECT_GT(sent, kMaxKeptChunkBytes - 64'000);
  EXPECT_LE(sent, kMaxKeptChunkBytes);
  EXPECT_TRUE(a.conversation.can_send(Type::text, kMaxBodyBytes));
}

TEST_F(ConversationTest, SizesAndTypesThatCannotBeSent) {
  EXPECT_FALSE(a.conversation.can_send(Type::text, kMaxBodyBytes + 1));
  EXPECT_FALSE(a.conversation.can_send(Type::chunk, kChunkHeaderBytes));
  EXPECT_FALSE(a.conversation.can_send(Type::ack, kAckBytes));
  a.conversation.finish();
  EXPECT_FALSE(a.conversation.can_send(Type::text, 1));
}

TEST_F(ConversationTest, WriteKeepsToItsLimit) {
  meet();
  for (int i = 0; i < 10; ++i) a.say(std::string(100, 'x'));
  EXPECT_EQ(written(a, 1).size(), 112U);
  EXPECT_EQ(written(a, 113).size(), 224U);
  EXPECT_TRUE(a.conversation.wants_to_write());
  EXPECT_EQ(written(a).size(), 7 * 112U);
  EXPECT_FALSE(a.conversation.wants_to_write());
}

TEST_F(ConversationTest, TypingIsSentOnceAndNotRepeated) {
  meet();
  a.conversation.send_typing();
  (void)written(a);
  cut();
  meet();
  EXPECT_EQ(b.typing, 0);
  a.conversation.send_typing();
  settle();
  EXPECT_EQ(b.typing, 1);
}

TEST_F(ConversationTest, ANewNameIsToldNowOrWithTheNextHello) {
  meet();
  a.conversation.rename("Ann");
  settle();
  EXPECT_EQ(b.name, "Ann");
  cut();
  a.conversation.rename("Annie");
  meet();
  EXPECT_EQ(b.name, "Annie");
}

// What the other side may not do.

TEST_F(ConversationTest, RecordsBeforeHelloAreRefused) {
  a.conversation.start_stream();
  give(a, record(Type::text, 1, "x"));
  EXPECT_EQ(a.error, Errc::hello_expected);
}

TEST_F(ConversationTest, OwnHelloIsReflection) {
  a.conversation.start_stream();
  give(a, written(a));
  EXPECT_EQ(a.error, Errc::reflected);
}

TEST_F(ConversationTest, ASecondHelloIsRefusedOnceAcceptedAndAThirdAlways) {
  a.conversation.start_stream();
  give(a, hello(9));
  give(a, hello(9));
  EXPECT_EQ(a.error, Errc::hello_unexpected);
  b.conversation.start_stream();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(b.error);
    give(b, hello(9, ConversationId{std::byte{77}}));
  }
  EXPECT_EQ(b.error, Errc::hello_unexpected);
}

TEST_F(ConversationTest, AGapIsRefused) {
  meet();
  give(a, record(Type::text, 2, "x"));
  EXPECT_EQ(a.error, Errc::gap);
  EXPECT_THAT(a.texts, IsEmpty());
}

TEST_F(ConversationTest, AcknowledgingWhatWasNeverSentIsRefused) {
  a.say("kept, not written");
  a.conversation.start_stream();
  give(a, hello(9, a.conversation.id(), 1));
  EXPECT_EQ(a.error, Errc::never_sent);
  b.conversation.start_stream();
  give(b, hello(9));
  give(b, record(Type::ack, 0, std::string_view("\0\0\0\0\0\0\0\1", 8)));
  EXPECT_EQ(b.error, Errc::never_sent);
}

TEST_F(ConversationTest, AnOlderAckIsIgnored) {
  meet();
  a.say("one");
  a.say("two");
  settle();
  give(a, record(Type::ack, 0, std::string_view("\0\0\0\0\0\0\0\1", 8)));
  EXPECT_FALSE(a.error);
}

TEST_F(ConversationTest, TextThatIsNotUtf8IsRefused) {
  meet();
  give(a, record(Type::text, 1, "\xff"));
  EXPECT_EQ(a.error, Errc::bad_body);
}

TEST_F(ConversationTest, NothingMayFollowBye) {
  meet();
  give(a, record(Type::bye, 1));
  give(a, record(Type::text, 2, "x"));
  EXPECT_EQ(a.error, Errc::after_bye);
  EXPECT_EQ(a.conversation.receive(record(Type::typing, 0), now), Errc::after_bye) << "an error stays";
}

TEST_F(ConversationTest, OnlyByeMayFollowTheEndOfAStream) {
  for (const Type type : {Type::stream, Type::text, Type::done}) {
    Side side{3};
    side.conversation.start_stream();
    give(side, hello(9));
    give(side, record(Type::stream, 1, "all"));
    give(side, record(Type::stream, 2));
    ASSERT_FALSE(side.error);
    give(side, record(type, 3, type == Type::stream ? "" : "{}"));
    EXPECT_EQ(side.error, Errc::after_stream);
  }
  a.conversation.start_stream();
  give(a, hello(9));
  give(a, record(Type::stream, 1));
  give(a, record(Type::bye, 2));
  EXPECT_FALSE(a.error);
  EXPECT_TRUE(a.conversation.heard_all());
}

TEST_F(ConversationTest, AnEndOfAStreamIsOfItsConversation) {
  meet();
  b.conversation.send(Type::stream, {});
  settle();
  cut();
  Side c{3};
  c.conversation.start_stream();
  a.conversation.start_stream();
  give(a, written(c));
  give(c, written(a));
  c.say("from who was started anew");
  give(a, written(c));
  EXPECT_FALSE(a.error);
  EXPECT_THAT(a.texts, testing::Contains("from who was started anew"));
}

TEST_F(ConversationTest, WhatCameBeforeAnErrorIsThere) {
  meet();
  Bytes wire = record(Type::text, 1, "good");
  append(wire, record(Type::text, 3, "bad"));
  give(a, wire);
  EXPECT_EQ(a.error, Errc::gap);
  EXPECT_THAT(a.texts, ElementsAre("good"));
}

// The other side's program is another one.

TEST_F(ConversationTest, ARestartedPartnerBeginsAnew) {
  meet();
  a.say("taken");
  b.say("taken too");
  settle();
  a.say("written");
  (void)written(a);
  a.say("not written");
  cut();
  Side again(3);
  std::swap(b, again);
  meet();
  ASSERT_EQ(a.restarted.size(), 1U);
  ASSERT_EQ(a.restarted[0].uncertain.size(), 1U);
  EXPECT_EQ(as_text(a.restarted[0].uncertain[0].body), "written");
  EXPECT_THAT(b.texts, ElementsAre("not written"));
  EXPECT_THAT(b.restarted, IsEmpty());
  b.say("hello again");
  settle();
  EXPECT_THAT(a.texts, ElementsAre("taken too", "hello again"));
  EXPECT_EQ(a.acknowledged, 1U);
}

TEST_F(ConversationTest, ARestartedPartnerGetsNothingOfFilesOfTheOldOne) {
  meet();
  for (const Type type : {Type::offer, Type::answer, Type::done}) a.conversation.send(type, Bytes(2));
  a.say("not written");
  a.conversation.send(Type::chunk, Bytes(100));
  cut();
  b = Side(3);
  meet();
  EXPECT_THAT(b.texts, ElementsAre("not written"));
  EXPECT_EQ(a.acknowledged, 1U);
  EXPECT_EQ(a.conversation.unacknowledged_bytes(), 0U);
}

TEST_F(ConversationTest, TakingAMessageOfTheOldConversationIsIgnored) {
  meet();
  a.take = false;
  b.say("old");
  settle();
  cut();
  b = Side(3);
  meet();
  b.say("new");
  settle();
  EXPECT_THAT(a.texts, ElementsAre("old", "new"));
  a.conversation.taken(a.untaken.front().id, now);
  settle();
  EXPECT_EQ(b.acknowledged, 0U);
  a.take_all(now);
  settle();
  EXPECT_EQ(b.acknowledged, 1U);
}

TEST_F(ConversationTest, ByeIsSaidToARestartedPartnerToo) {
  meet();
  a.conversation.finish();
  settle();
  cut();
  b = Side(3);
  meet();
  EXPECT_THAT(b.texts, ElementsAre("BYE"));
  EXPECT_THAT(a.restarted[0].uncertain, IsEmpty());
}

TEST_F(ConversationTest, TwoThatKnowOthersBothBeginAnew) {
  meet();
  a.say("to b");
  settle();
  Side c(3);
  Side d(4);
  const auto with = [&](Side& x, Side& y) {
    cut();
    std::swap(a, x);
    std::swap(b, y);
    meet();
  };
  with(c, d);  // 3 and 4 meet, and talk
  a.say("to d");
  settle();
  cut();
  std::swap(b, d);  // 3 and 2 meet
  connect();
  settle();
  a.say("now to b");
  b.say("now to c");
  settle();
  EXPECT_THAT(b.texts, ElementsAre("to b", "now to b"));
  EXPECT_THAT(a.texts, ElementsAre("now to c"));
  EXPECT_EQ(a.restarted.size(), 1U);
}

TEST_F(ConversationTest, TheWorkedExampleOfTheDocument) {
  const auto list = vectors()["records"]["valid"];
  std::vector<Bytes> wires;
  for (const auto& v : list) wires.push_back(from_hex(v["bytes"].get<std::string>()));
  const auto id_of = [&](std::size_t i) {
    return decode_hello(ByteView(wires[i]).subspan(kHeaderBytes))->conversation;
  };
  // HELLO is JSON, whose members may be in any order: it is compared decoded.
  Conversation a_side({.name = "alice", .features = {}, .new_id = [&] { return id_of(0); }});
  Conversation b_side({.name = "", .features = {}, .new_id = [&] { return id_of(1); }});
  std::vector<std::string> taken;
  const auto expect = [&](Conversation& from, std::size_t first, std::size_t count = 1) {
    Bytes out;
    Bytes expected;
    for (std::size_t i = first; i < first + count; ++i) append(expected, wires[i]);
    from.write(out, std::size_t{1} << 30U, now);
    if (expected[0] == std::byte{1}) {
      EXPECT_EQ(*decode_hello(ByteView(out).subspan(kHeaderBytes)),
                *decode_hello(ByteView(expected).subspan(kHeaderBytes)));
    } else {
      EXPECT_EQ(to_hex(out), to_hex(expected)) << first;
    }
    return out;
  };
  const auto arrive = [&](Conversation& to, const Bytes& wire) {
    EXPECT_FALSE(to.receive(wire, now));
    while (auto event = to.next_event()) {
      if (auto* m = std::get_if<Message>(&*event)) {
        to.taken(m->id, now);
        taken.emplace_back(as_text(m->body));
      }
    }
  };
  const auto hellos = [&](std::size_t first) {
    a_side.start_stream();
    b_side.start_stream();
    const Bytes up = expect(a_side, first);
    arrive(a_side, expect(b_side, first + 1));
    arrive(b_side, up);
  };
  hellos(0);
  a_side.send(Type::text, bytes("Grüße"));
  arrive(b_side, expect(a_side, 2));
  arrive(a_side, expect(b_side, 3));
  a_side.send(Type::text, bytes("are you there?"));
  expect(a_side, 4);
  hellos(5);
  arrive(b_side, expect(a_side, 7));
  a_side.finish();
  arrive(a_side, expect(b_side, 8));
  arrive(b_side, expect(a_side, 9));
  b_side.finish();
  arrive(a_side, expect(b_side, 10, 2));
  arrive(b_side, expect(a_side, 12));
  EXPECT_TRUE(a_side.over() && b_side.over());
  EXPECT_THAT(taken, ElementsAre("Grüße", "are you there?", "", ""));
}

}  // namespace
}  // namespace parley::chat
