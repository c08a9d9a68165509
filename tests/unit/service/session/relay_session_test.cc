#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "service/session/relay_session.h"
#include "tests/support/allocations.h"
#include "tests/support/relay_fixture.h"

namespace parley {
namespace {

using namespace std::chrono_literals;
using relay::FrameType;
using test::RelayPeer;
using ::testing::HasSubstr;
using Texts = std::vector<std::string>;

// Two clients of relay/1 in a session that may be resumed, on a shard without threads.
class RelaySessionTest : public ::testing::Test, public RelaySession::Keeper {
 protected:
  ~RelaySessionTest() override {
    if (!session_ || ended_) return;
    session_->abort({EndReason::draining, EndedBy::relay});
    shard_.run();
  }

  std::unique_ptr<RelayLeg> greet(RelayPeer& peer) {
    auto leg = test::make_leg(shard_, peer);
    peer.hello();
    gate_.spawn(shard_.context.executor(), [](Leg& l) -> awaitable<void> { co_await l.handshake(); }(*leg));
    shard_.run();
    return leg;
  }
  void meet(bool resumed = false) {
    auto first = greet(alice_);
    auto second = greet(bob_);
    begin(std::move(first), std::move(second), {.room = "room", .name = {}, .resumed = resumed, .grace = 60s});
    gate_.spawn(shard_.context.executor(), run());
    shard_.run();
    for (RelayPeer* peer : {&alice_, &bob_}) {
      const auto frames = peer->take();
      ASSERT_EQ(frames.size(), 1u);
      EXPECT_EQ(frames[0].type, FrameType::paired);
    }
  }
  void begin(std::unique_ptr<RelayLeg> first, std::unique_ptr<RelayLeg> second, RelaySession::Terms terms) {
    session_ = std::make_unique<RelaySession>(shard_.context, SessionId{7}, std::move(terms), std::move(first),
                                              std::move(second), *this);
    session_->begin();
  }
  void held(const RelaySession&, bool held) override { held_ = held; }
  void over(const RelaySession&) override { ++over_; }
  bool come_back(relay::Role place, RelayPeer& peer) {
    auto leg = greet(peer);
    const bool taken = session_->rejoin(place, leg);
    if (!taken) {
      gate_.spawn(shard_.context.executor(),
                  [](std::unique_ptr<Leg> l) -> awaitable<void> { co_await l->wait_closed(); }(std::move(leg)));
    }
    shard_.run();
    return taken;
  }
  // The one frame that has come, as "TYPE payload".
  static std::string only(RelayPeer& peer) {
    const auto frames = peer.take();
    if (frames.size() != 1) return std::to_string(frames.size()) + " frames";
    return std::to_string(static_cast<int>(frames[0].type)) + " " + frames[0].payload;
  }
  ProtocolCounters& counters() { return shard_.context.counters.of(Protocol::relay); }

  test::FakeShard shard_;
  RelayPeer alice_;
  RelayPeer bob_;
  std::unique_ptr<RelaySession> session_;
  std::optional<SessionEnd> ended_;
  bool held_ = false;
  int over_ = 0;
  Gate gate_;

  awaitable<void> run() { ended_ = co_await session_->run(); }
};

TEST_F(RelaySessionTest, WhatTheFirstSaysAtOnceIsCarried) {
  auto first = greet(alice_);
  auto second = greet(bob_);
  alice_.send(FrameType::data, "at once");  // there before the session has begun to read
  begin(std::move(first), std::move(second), {.room = "room", .name = {}, .resumed = false, .grace = 60s});
  gate_.spawn(shard_.context.executor(), run());
  shard_.run();
  const auto frames = bob_.take();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].type, FrameType::paired);
  EXPECT_EQ(frames[1].payload, "at once");
}

TEST_F(RelaySessionTest, CarriesMessagesOfAnySizeHoweverTheyAreCut) {
  meet();
  const std::string longest(relay::kMaxPayloadBytes, 'x');
  alice_.send(FrameType::data, "one");
  alice_.send(FrameType::data);
  alice_.send(FrameType::data, longest);
  auto bytes = std::exchange(alice_.connection->to_leg, {});
  for (const std::size_t cut : {1u, 3u, 7u, 9u, 5000u}) {
    alice_.connection->peer_sends(std::span(bytes).first(cut));
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut));
    shard_.run();
  }
  alice_.connection->peer_sends(bytes);
  shard_.run();
  EXPECT_EQ(bob_.take_messages(), (Texts{"one", "", longest}));
  EXPECT_EQ(counters().messages_total.get(), 3u);
  EXPECT_EQ(session_->view().legs[0].messages_in, 3u);
  EXPECT_EQ(session_->view().legs[1].messages_out, 3u);
}

TEST_F(RelaySessionTest, PingIsAnsweredByTheRelayAndLaterTypesAreSkipped) {
  meet();
  alice_.send(FrameType::data, "before");
  alice_.send(FrameType::ping, "12345678");
  alice_.send(static_cast<FrameType>(0x90), "something new");
  alice_.send(FrameType::pong, "unasked!");
  alice_.send(FrameType::data, "after");
  shard_.run();
  EXPECT_EQ(only(alice_), "8 12345678");
  EXPECT_EQ(bob_.take_messages(), (Texts{"before", "after"}));
}

TEST_F(RelaySessionTest, WhoSendsMoreMessagesThanItMayIsReadLaterAndLosesNothing) {
  shard_.context.limits.message_rate_per_connection = 10;
  meet();
  Texts sent;
  for (int i = 0; i < 25; ++i) alice_.send(FrameType::data, sent.emplace_back(std::to_string(i)));
  alice_.send(FrameType::ping, "12345678");
  shard_.run();
  Texts heard = bob_.take_messages();
  EXPECT_EQ(heard.size(), 11u) << "a second's worth, and the next";
  bob_.send(FrameType::data, "undisturbed");
  shard_.run();
  EXPECT_EQ(alice_.take_messages(), Texts{"undisturbed"});
  for (int i = 0; i < 5; ++i) shard_.advance(101ms);
  for (auto& message : bob_.take_messages()) heard.push_back(std::move(message));
  EXPECT_GE(heard.size(), 15u);
  EXPECT_LE(heard.size(), 16u);
  for (int i = 0; i < 20; ++i) shard_.advance(101ms);
  EXPECT_EQ(only(alice_), "8 12345678") << "answered in its turn";
  for (auto& message : bob_.take_messages()) heard.push_back(std::move(message));
  EXPECT_EQ(heard, sent);
}

TEST_F(RelaySessionTest, WhoSendsMoreBytesThanItMayIsReadLater) {
  shard_.context.limits.byte_rate_per_connection = 32 * 1024;
  meet();
  const std::string longest(relay::kMaxPayloadBytes, 'x');
  for (int i = 0; i < 12; ++i) alice_.send(FrameType::data, longest);
  shard_.run();
  const std::size_t at_once = bob_.take_messages().size();
  EXPECT_LE(at_once, 6u) << "a second's worth, and what the last read gave";
  std::size_t heard = at_once;
  for (int i = 0; i < 10; ++i) {
    shard_.advance(100ms);
    heard += bob_.take_messages().size();
  }
  EXPECT_LE(heard, at_once + 4) << "one read's at most";
  for (int i = 0; i < 100; ++i) {
    shard_.advance(100ms);
    heard += bob_.take_messages().size();
  }
  EXPECT_EQ(heard, 12u);
}

TEST_F(RelaySessionTest, WhoNeverRunsDryLeavesOthersTheirTurn) {
  for (const FrameType type : {FrameType::data, static_cast<FrameType>(0x90)}) {
    SCOPED_TRACE(static_cast<int>(type));
    const std::string longest(relay::kMaxPayloadBytes, 'x');
    RelayPeer& sender = type == FrameType::data ? alice_ : bob_;
    if (!session_) meet();
    alice_.connection->window = bob_.connection->window = 100 * relay::kMaxFrameBytes;
    for (int i = 0; i < 99; ++i) sender.send(type, longest);
    std::size_t left = 0;
    asio::post(shard_.context.executor(), [&] { left = sender.connection->to_leg.size(); });
    shard_.run();
    EXPECT_GT(left, 50 * relay::kMaxFrameBytes);
    EXPECT_TRUE(sender.connection->to_leg.empty());
  }
}

TEST_F(RelaySessionTest, WhoDoesNotTakeItsAnswersIsReadLater) {
  meet();
  constexpr std::size_t kPings = 5000;
  alice_.connection->window = 0;
  for (std::size_t i = 0; i < kPings; ++i) alice_.send(FrameType::ping, "12345678");
  alice_.send(FrameType::data, "and this");
  shard_.run();
  EXPECT_LE(session_->view().legs[0].buffered_bytes, RelayLeg::kMostAnswers + 12);
  bob_.send(FrameType::data, "undisturbed");
  shard_.run();
  EXPECT_TRUE(bob_.take().empty());
  alice_.connection->window = 64 * 1024;
  std::size_t answers = 0;
  Texts heard;
  for (int i = 0; i < 100 && answers < kPings; ++i) {
    for (const auto& frame : alice_.take()) {
      if (frame.type == FrameType::pong) ++answers;
      if (frame.type == FrameType::data) heard.push_back(frame.payload);
    }
    shard_.run();
  }
  EXPECT_EQ(answers, kPings);
  EXPECT_EQ(heard, Texts{"undisturbed"});
  EXPECT_EQ(bob_.take_messages(), Texts{"and this"});
}

TEST_F(RelaySessionTest, PingsThatComeTogetherAreAnsweredTogether) {
  meet();
  constexpr std::size_t kPings = 1000;
  std::vector<FrameType> types(kPings, FrameType::pong);
  for (std::size_t i = 0; i < kPings; ++i) alice_.send(FrameType::ping, "12345678");
  alice_.send(FrameType::hello);  // not now: refused behind what was asked before
  types.push_back(FrameType::error);
  shard_.run();
  EXPECT_LE(alice_.connection->writes.size(), kPings * 12 / RelayLeg::kMostAnswers + 2);
  std::vector<FrameType> taken;
  for (const auto& frame : alice_.take()) taken.push_back(frame.type);
  EXPECT_EQ(taken, types);
}

TEST_F(RelaySessionTest, WhatIsReadLaterIsDeliveredBeforeTheClientsEnd) {
  shard_.context.limits.message_rate_per_connection = 10;
  meet();
  for (int i = 0; i < 20; ++i) alice_.send(FrameType::data, "x");
  alice_.send(FrameType::bye);
  alice_.connection->peer_closes();
  shard_.run();
  EXPECT_FALSE(ended_);
  for (int i = 0; i < 60; ++i) shard_.advance(50ms);
  const auto frames = bob_.take();
  ASSERT_EQ(frames.size(), 21u);
  EXPECT_EQ(frames.back().type, FrameType::peer_left);
}

TEST_F(RelaySessionTest, AnEndDoesNotWaitForWhoIsReadLater) {
  shard_.context.limits.message_rate_per_connection = 0.01;
  meet();
  for (int i = 0; i < 5; ++i) alice_.send(FrameType::data, "x");
  shard_.run();
  EXPECT_EQ(bob_.take_messages().size(), 1u);
  bob_.send(FrameType::bye);
  bob_.connection->peer_closes();
  shard_.run();
  alice_.connection->peer_closes();
  shard_.run();
  ASSERT_TRUE(ended_);
  EXPECT_EQ(ended_->reason, EndReason::peer_closed);
}

TEST_F(RelaySessionTest, ByeEndsItOnceEverythingBeforeIsDelivered) {
  meet();
  alice_.send(FrameType::data, "last words");
  alice_.send(FrameType::bye);
  shard_.run();
  const auto frames = bob_.take();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].payload, "last words");
  EXPECT_EQ(frames[1].payload, R"({"reason":"closed","grace_s":0})");
  EXPECT_EQ(over_, 1);
  shard_.advance(RelayLeg::kLinger + 100ms);
  ASSERT_TRUE(ended_);
  EXPECT_EQ(ended_->reason, EndReason::peer_closed);
  EXPECT_EQ(ended_->by, EndedBy::first);
}

TEST_F(RelaySessionTest, ALostClientComesBackAndTheStreamsStartAnew) {
  meet();
  bob_.connection->connection_breaks();
  shard_.run();
  EXPECT_EQ(only(alice_), R"(5 {"reason":"lost","grace_s":60})");
  EXPECT_EQ(session_->state(), SessionState::held);
  EXPECT_TRUE(held_);
  alice_.send(FrameType::data, "into the void");
  shard_.run();
  RelayPeer again;
  ASSERT_TRUE(come_back(relay::Role::second, again));
  EXPECT_THAT(only(again), HasSubstr(R"("resumed":true)"));
  EXPECT_THAT(only(alice_), HasSubstr(R"("resumed":true)"));
  EXPECT_EQ(session_->state(), SessionState::active);
  EXPECT_FALSE(held_);
  // Alice has not read PAIRED yet.
  alice_.send(FrameType::data, "still of the old stream");
  alice_.send(FrameType::ready);
  alice_.send(FrameType::data, "of the new one");
  again.send(FrameType::data, "forgot READY");
  shard_.run();
  EXPECT_EQ(again.take_messages(), Texts{"of the new one"});
  EXPECT_EQ(alice_.take_messages(), Texts{});
  again.send(FrameType::ready);
  again.send(FrameType::data, "here I am");
  shard_.run();
  EXPECT_EQ(alice_.take_messages(), Texts{"here I am"});
  EXPECT_GT(counters().dropped_bytes_total.get(), 0u);
  EXPECT_EQ(session_->view().resumptions, 1u);
  EXPECT_EQ(counters().resumptions_total.get(), 1u);
}

TEST_F(RelaySessionTest, WhoIsBackInTimeStaysBeyondTheGrace) {
  meet();
  bob_.connection->connection_breaks();
  shard_.run();
  shard_.advance(30s);
  RelayPeer again;
  ASSERT_TRUE(come_back(relay::Role::second, again));
  shard_.advance(10min);
  EXPECT_EQ(session_->state(), SessionState::active);
  EXPECT_EQ(over_, 0);
}

TEST_F(RelaySessionTest, EveryResumptionNeedsItsOwnReady) {
  meet();
  for (int i = 0; i < 2; ++i) {
    RelayPeer again;
    ASSERT_TRUE(come_back(relay::Role::second, again)) << "replaces the older connection";
  }
  alice_.take();
  alice_.send(FrameType::ready);
  alice_.send(FrameType::data, "one READY is not enough");
  alice_.send(FrameType::ready);
  alice_.send(FrameType::data, "two are");
  shard_.run();
  EXPECT_EQ(session_->view().legs[1].messages_out, 1u);
  EXPECT_TRUE(bob_.connection->leg_closed);
  EXPECT_TRUE(bob_.take().empty()) << "closed without ERROR";
}

TEST_F(RelaySessionTest, BothLostTheFirstBackWaitsForTheOther) {
  meet();
  alice_.connection->connection_breaks();
  bob_.connection->connection_breaks();
  shard_.run();
  shard_.advance(20s);
  RelayPeer again;
  ASSERT_TRUE(come_back(relay::Role::first, again));
  EXPECT_THAT(only(again), HasSubstr(R"(2 {"expires_s":40,)"));
  again.send(FrameType::ping, "12345678");
  shard_.run();
  EXPECT_EQ(only(again), "8 12345678");
  RelayPeer other;
  ASSERT_TRUE(come_back(relay::Role::second, other));
  EXPECT_THAT(only(again), HasSubstr(R"("resumed":true)"));
  EXPECT_THAT(only(other), HasSubstr(R"("resumed":true)"));
}

TEST_F(RelaySessionTest, WhoWaitsForALostOneIsToldThatItDidNotCome) {
  meet();
  alice_.connection->connection_breaks();
  bob_.connection->connection_breaks();
  shard_.run();
  shard_.advance(20s);
  RelayPeer again;
  ASSERT_TRUE(come_back(relay::Role::first, again));
  again.take();
  shard_.advance(41s);
  EXPECT_THAT(only(again), HasSubstr("waited-too-long"));
}

TEST_F(RelaySessionTest, TheGracePassesAndTheSessionIsOver) {
  meet();
  bob_.connection->peer_closes();
  shard_.run();
  alice_.take();
  shard_.advance(59s);
  EXPECT_EQ(over_, 0);
  shard_.advance(1100ms);
  EXPECT_EQ(over_, 1);
  EXPECT_EQ(only(alice_), R"(5 {"reason":"closed","grace_s":0})");
  RelayPeer late;
  EXPECT_FALSE(come_back(relay::Role::second, late));
  shard_.advance(RelayLeg::kLinger + 100ms);
  ASSERT_TRUE(ended_);
  EXPECT_EQ(ended_->reason, EndReason::lost);
  EXPECT_EQ(ended_->by, EndedBy::second);
}

TEST_F(RelaySessionTest, ABadFrameIsAnsweredAndItsPlaceKept) {
  meet();
  bob_.send(FrameType::data, "good");
  bob_.connection->peer_sends(std::string("\x04\x00\x3f\xfd", 4));
  shard_.run();
  EXPECT_THAT(only(bob_), HasSubstr("bad-frame"));
  EXPECT_TRUE(bob_.connection->leg_shut_down);
  const auto frames = alice_.take();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].payload, "good");
  EXPECT_THAT(frames[1].payload, HasSubstr("lost"));
}

TEST_F(RelaySessionTest, APingKeepsItFromBeingIdle) {
  meet();
  shard_.advance(59min);
  alice_.send(FrameType::ping, "12345678");
  shard_.run();
  alice_.take();
  shard_.advance(59min);
  EXPECT_EQ(session_->state(), SessionState::active);
  shard_.advance(2min);
  EXPECT_THAT(only(alice_), HasSubstr("\"idle\""));
  EXPECT_THAT(only(bob_), HasSubstr("\"idle\""));
}

TEST_F(RelaySessionTest, ASlowReaderStopsItsSenderOnly) {
  meet();
  bob_.connection->window = 1000;
  const std::string text(10'000, 'x');
  for (int i = 0; i < 100; ++i) alice_.send(FrameType::data, text);
  shard_.run();
  EXPECT_GT(alice_.connection->to_leg.size(), 800'000u) << "the sender is not read any more";
  EXPECT_LE(shard_.context.counters.buffered_bytes.get(), 2u * 64u * 1024u);
  bob_.send(FrameType::data, "I can still talk");
  shard_.run();
  EXPECT_EQ(alice_.take_messages(), Texts{"I can still talk"});
  std::size_t taken = 0;
  while (taken < 100) {
    taken += bob_.take_messages().size();
    shard_.run();
  }
  EXPECT_EQ(counters().messages_total.get(), 101u);
  bob_.connection->window = 0;
  alice_.send(FrameType::data, text);
  shard_.run();
  shard_.advance(31s);
  EXPECT_TRUE(bob_.connection->leg_closed);
  EXPECT_THAT(only(alice_), HasSubstr("lost")) << "too slow, but it may come back";
}

TEST_F(RelaySessionTest, WhoTakesNextToNothingWhileItsPartnerComesAndGoesIsLetGo) {
  meet();
  alice_.connection->window = 10;
  std::size_t most = 0;
  for (int i = 0; i < 2000 && !alice_.connection->leg_closed; ++i) {
    RelayPeer again;
    ASSERT_TRUE(come_back(relay::Role::second, again));
    alice_.connection->peer_takes();  // so that it is not too slow for the write deadline
    shard_.run();
    most = std::max(most, static_cast<std::size_t>(shard_.context.counters.buffered_bytes.get()));
  }
  EXPECT_TRUE(alice_.connection->leg_closed);
  EXPECT_LE(most, 128u * 1024u);
  EXPECT_EQ(session_->state(), SessionState::held) << "it may come back";
}

TEST_F(RelaySessionTest, WhoIsLeftIsClosedThoughItsPartnerTakesNothing) {
  meet();
  bob_.connection->window = 0;
  const std::string text(10'000, 'x');
  for (int i = 0; i < 100; ++i) alice_.send(FrameType::data, text);
  shard_.run();
  bob_.send(FrameType::bye);
  shard_.run();
  EXPECT_THAT(only(alice_), HasSubstr("closed"));
  EXPECT_TRUE(alice_.connection->leg_shut_down);
}

TEST_F(RelaySessionTest, TheOperatorsEndIsToldToBoth) {
  meet();
  session_->end({EndReason::ended_by_operator, EndedBy::relay});
  shard_.run();
  EXPECT_THAT(only(alice_), HasSubstr("ended-by-operator"));
  EXPECT_THAT(only(bob_), HasSubstr("ended-by-operator"));
  EXPECT_EQ(session_->state(), SessionState::closing);
  session_->end({EndReason::draining, EndedBy::first});
  shard_.run();
  EXPECT_EQ(over_, 1) << "it ends once";
  EXPECT_TRUE(bob_.take().empty());
}

TEST_F(RelaySessionTest, AMessageAllocatesNothingOfItsOwn) {
  meet();
  std::size_t count = 0;
  const std::string frame = relay::to_frame(FrameType::data, std::as_bytes(std::span("one", 3)));
  for (int round = 0; round < 3; ++round) {
    alice_.connection->to_leg.reserve(1000);
    bob_.connection->to_peer.reserve(1000);
    bob_.connection->writes.reserve(100);
    const test::Allocations before;
    alice_.connection->peer_sends(frame);
    shard_.run();
    count = before.count();
    EXPECT_EQ(bob_.take_messages(), Texts{"one"});
  }
  EXPECT_EQ(count, 0u);
}

TEST_F(RelaySessionTest, CountsAreBackToZeroAtTheEnd) {
  meet();
  alice_.send(FrameType::data, "x");
  bob_.connection->connection_breaks();
  shard_.run();
  session_->abort({EndReason::draining, EndedBy::relay});
  shard_.run();
  ASSERT_TRUE(ended_);
  session_.reset();
  for (const Counter& state : counters().sessions) EXPECT_EQ(state.get(), 0u);
  EXPECT_EQ(shard_.context.counters.buffered_bytes.get(), 0u);
}

// A leg alone.
class RelayLegTest : public RelaySessionTest {
 protected:
  void connect() {
    leg_ = test::make_leg(shard_, alice_);
    gate_.spawn(shard_.context.executor(), serve());
    shard_.run();
  }

  // It waits for a partner that long, and says so.
  void expect_waits(std::chrono::seconds limit) {
    connect();
    alice_.hello();
    shard_.run();
    EXPECT_THAT(only(alice_), HasSubstr("2 {\"expires_s\":" + std::to_string(limit.count()) + ",\"resume\":\""));
    shard_.advance(limit + 1s);
    EXPECT_THAT(only(alice_), HasSubstr("waited-too-long"));
    shard_.advance(RelayLeg::kLinger + 100ms);
    EXPECT_EQ(refused_, EndReason::waited_too_long);
  }

  relay::Place place_ = relay::Place::waiting;
  std::unique_ptr<RelayLeg> leg_;
  std::optional<EndReason> refused_;

 private:
  awaitable<void> serve() {
    refused_ = co_await leg_->handshake();
    if (!refused_) {
      leg_->waiting({}, place_);
      refused_ = co_await leg_->wait_for_partner();
    }
    if (refused_) co_await leg_->dismiss(*refused_);
    co_await leg_->wait_closed();
  }
};

TEST_F(RelayLegTest, NoHelloInTimeIsTooSlow) {
  connect();
  alice_.send(FrameType::ping, "12345678");
  shard_.run();
  EXPECT_EQ(only(alice_), "8 12345678");
  shard_.advance(10'100ms);
  EXPECT_THAT(only(alice_), HasSubstr("too-slow"));
  shard_.advance(RelayLeg::kLinger + 100ms);
  EXPECT_TRUE(alice_.connection->leg_closed);
  EXPECT_EQ(refused_, EndReason::too_slow);
}

TEST_F(RelayLegTest, WaitsUntilTheDeadline) { expect_waits(600s); }

TEST_F(RelayLegTest, WaitsAGraceForTheOtherOfASessionKnownFromItsToken) {
  place_ = relay::Place::second;
  expect_waits(60s);
}

TEST_F(RelayLegTest, EarlyOrBadFramesAreRefused) {
  const auto text = [](std::string_view payload) { return std::as_bytes(std::span(payload)); };
  const struct {
    std::string bytes;
    const char* word;
  } cases[] = {
      {relay::to_frame(FrameType::data, text("x")), "at this point"},  // before PAIRED
      {relay::to_frame(FrameType::bye), "at this point"},              // before HELLO
      {relay::to_frame(FrameType::waiting), "never sends"},
      {relay::to_frame(static_cast<FrameType>(0x55)), "does not have"},
      {{"\x01\x00\x10\x01", 4}, "longer"},  // HELLO of 4,097 bytes, by hand as none may be so long
      {relay::to_frame(FrameType::hello, text("{}")), "bad-hello"},
  };
  for (const auto& [bytes, word] : cases) {
    alice_ = RelayPeer();
    connect();
    alice_.connection->peer_sends(bytes);
    shard_.run();
    const std::string answer = only(alice_);
    EXPECT_THAT(answer, HasSubstr("\"bad-"));
    EXPECT_THAT(answer, HasSubstr(word));
    alice_.connection->peer_closes();
    shard_.run();
    EXPECT_TRUE(alice_.connection->leg_closed);
  }
}

}  // namespace
}  // namespace parley
