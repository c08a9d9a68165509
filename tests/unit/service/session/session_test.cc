#include "service/session/session.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/classic_fixture.h"

namespace parley {
namespace {

using namespace std::chrono_literals;
using test::ClassicPeer;
using Texts = std::vector<std::string>;

// Two greeted clients in a session, on a shard without threads.
class SessionTest : public ::testing::Test {
 protected:
  ~SessionTest() override {
    if (!session_ || ended_) return;
    session_->abort({EndReason::draining, EndedBy::relay});
    shard_.run();
  }

  std::unique_ptr<ClassicLeg> greet(ClassicPeer& peer) {
    auto leg = test::make_leg(shard_, peer);
    gate_.spawn(shard_.context.executor(), [](ClassicLeg& l) -> awaitable<void> { co_await l.handshake(); }(*leg));
    shard_.run();
    peer.take_relay_key();
    peer.connection->peer_sends(peer.pem());
    shard_.run();
    return leg;
  }
  void meet() {
    auto first = greet(alice_);
    auto second = greet(bob_);
    session_ = std::make_unique<Session>(shard_.context, SessionId{7}, std::move(first), std::move(second));
    session_->begin();
    gate_.spawn(shard_.context.executor(), run());
    shard_.run();
  }
  std::uint64_t messages() { return shard_.context.counters.of(Protocol::classic).messages_total.get(); }

  test::FakeShard shard_;
  ClassicPeer alice_;
  ClassicPeer bob_;
  std::unique_ptr<Session> session_;
  std::optional<SessionEnd> ended_;
  Gate gate_;

 private:
  awaitable<void> run() { ended_ = co_await session_->run(); }
};

TEST_F(SessionTest, WhoSendsMoreMessagesThanItMayIsReadLaterAndLosesNothing) {
  shard_.context.limits.message_rate_per_connection = 4;
  meet();
  Texts sent;
  for (int i = 0; i < 12; ++i) alice_.send(sent.emplace_back(std::to_string(i)));
  shard_.run();
  Texts heard = bob_.take_messages();
  EXPECT_EQ(heard.size(), 5u) << "a second's worth, and the next";
  bob_.send("undisturbed");
  shard_.run();
  EXPECT_EQ(alice_.take_messages(), Texts{"undisturbed"});
  for (int i = 0; i < 10; ++i) shard_.advance(100ms);
  for (auto& message : bob_.take_messages()) heard.push_back(std::move(message));
  EXPECT_GE(heard.size(), 8u);
  EXPECT_LE(heard.size(), 9u);
  for (int i = 0; i < 20; ++i) shard_.advance(100ms);
  for (auto& message : bob_.take_messages()) heard.push_back(std::move(message));
  EXPECT_EQ(heard, sent);
}

TEST_F(SessionTest, WhoSendsMoreBytesThanItMayIsReadLater) {
  shard_.context.limits.byte_rate_per_connection = 1024;
  meet();
  for (int i = 0; i < 24; ++i) alice_.send("x");  // blocks of 256 bytes
  shard_.run();
  EXPECT_EQ(bob_.take_messages().size(), 8u) << "what is opened at once";
  shard_.advance(500ms);
  EXPECT_EQ(bob_.take_messages().size(), 0u);
  for (int i = 0; i < 70; ++i) shard_.advance(100ms);
  EXPECT_EQ(bob_.take_messages().size(), 16u);
}

TEST_F(SessionTest, AnEndDoesNotWaitForWhoIsReadLater) {
  shard_.context.limits.message_rate_per_connection = 0.01;
  meet();
  for (int i = 0; i < 5; ++i) alice_.send("x");
  shard_.run();
  EXPECT_EQ(bob_.take_messages().size(), 1u);
  bob_.connection->peer_closes();
  shard_.run();
  alice_.connection->peer_closes();
  shard_.run();
  EXPECT_TRUE(ended_);
}

TEST_F(SessionTest, CarriesBothWaysAtAnyTime) {
  meet();
  alice_.send("one");
  alice_.send("two");
  bob_.send("three");
  shard_.run();
  EXPECT_EQ(bob_.take_messages(), (Texts{"one", "two"}));
  EXPECT_EQ(alice_.take_messages(), Texts{"three"});
  EXPECT_EQ(messages(), 3u);
  EXPECT_EQ(session_->view().state, SessionState::active);
  EXPECT_EQ(session_->view().legs[0].messages_in, 2u);
  EXPECT_EQ(session_->view().legs[0].messages_out, 1u);
}

TEST_F(SessionTest, PartnerOfOneWhoLeavesGetsWhatIsQueuedThenACleanClose) {
  meet();
  alice_.send("last words");
  alice_.connection->peer_closes();
  shard_.run();
  EXPECT_EQ(bob_.take_messages(), Texts{"last words"});
  EXPECT_TRUE(bob_.connection->leg_shut_down);
  EXPECT_EQ(session_->view().state, SessionState::closing);
  bob_.connection->peer_closes();
  shard_.run();
  ASSERT_TRUE(ended_);
  EXPECT_EQ(ended_->reason, EndReason::peer_closed);
  EXPECT_EQ(ended_->by, EndedBy::first);
}

TEST_F(SessionTest, SaysWhoseDoingTheEndWas) {
  meet();
  bob_.connection->connection_breaks();
  alice_.connection->peer_closes();  // in the same moment, but looked at later
  shard_.run();
  ASSERT_TRUE(ended_);
  EXPECT_TRUE(ended_->by == EndedBy::second || ended_->by == EndedBy::first);
  EXPECT_TRUE(alice_.connection->leg_closed);
  EXPECT_TRUE(bob_.connection->leg_closed);
}

TEST_F(SessionTest, BadBlockEndsItAndIsItsSendersDoing) {
  meet();
  bob_.connection->peer_sends(std::vector<std::byte>(256, std::byte{0xff}));
  shard_.run();
  alice_.connection->peer_closes();
  shard_.run();
  ASSERT_TRUE(ended_);
  EXPECT_EQ(ended_->reason, EndReason::bad_block);
  EXPECT_EQ(ended_->by, EndedBy::second);
}

TEST_F(SessionTest, EndsWhenNothingIsSaid) {
  meet();
  shard_.advance(59min);
  alice_.send("still there");
  shard_.run();
  shard_.advance(59min);
  EXPECT_EQ(session_->view().state, SessionState::active);
  shard_.advance(61s);
  shard_.advance(ClassicLeg::kLinger + 100ms);
  ASSERT_TRUE(ended_);
  EXPECT_EQ(ended_->reason, EndReason::idle);
  EXPECT_EQ(ended_->by, EndedBy::relay);
}

TEST_F(SessionTest, StalledReaderStopsItsSenderAndEndsTooSlow) {
  shard_.context.limits.buffer_limit = 4096;
  meet();
  bob_.connection->window = 128;
  for (int i = 0; i < 200; ++i) alice_.send("message " + std::to_string(i));
  shard_.run();
  const std::size_t unread = alice_.connection->to_leg.size();
  EXPECT_GT(unread, 100u * 256u) << "the sender is not read any more";
  EXPECT_LE(shard_.context.counters.buffered_bytes.get(), 4096u + 8u * 256u + 128u);
  bob_.send("I can still talk");
  shard_.run();
  EXPECT_EQ(alice_.take_messages(), Texts{"I can still talk"});
  shard_.advance(31s);
  shard_.advance(ClassicLeg::kLinger + 100ms);
  ASSERT_TRUE(ended_);
  EXPECT_EQ(ended_->reason, EndReason::too_slow);
  EXPECT_EQ(ended_->by, EndedBy::second);
}

TEST_F(SessionTest, SlowReaderGetsEverythingInOrder) {
  shard_.context.limits.buffer_limit = 4096;
  meet();
  bob_.connection->window = 300;  // not a whole number of blocks
  Texts sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back("message " + std::to_string(i));
    alice_.send(sent.back());
  }
  shard_.run();
  std::vector<std::byte> bytes;
  for (int i = 0; i < 100; ++i) {
    const auto more = bob_.connection->peer_takes();
    bytes.insert(bytes.end(), more.begin(), more.end());
    shard_.run();
  }
  bob_.connection->to_peer = bytes;
  EXPECT_EQ(bob_.take_messages(), sent);
}

TEST_F(SessionTest, EndedByTheRelayBothGetWhatIsQueued) {
  meet();
  alice_.send("one");
  shard_.run();
  session_->end({EndReason::draining, EndedBy::relay});
  shard_.run();
  EXPECT_EQ(bob_.take_messages(), Texts{"one"});
  EXPECT_TRUE(alice_.connection->leg_shut_down);
  EXPECT_TRUE(bob_.connection->leg_shut_down);
  shard_.advance(ClassicLeg::kLinger + 100ms);
  ASSERT_TRUE(ended_);
  EXPECT_EQ(ended_->reason, EndReason::draining);
}

TEST_F(SessionTest, WhatOneSaidBeforeTheyMetIsDelivered) {
  auto first = greet(alice_);
  gate_.spawn(shard_.context.executor(),
              [](ClassicLeg& l) -> awaitable<void> { co_await l.wait_for_partner(); }(*first));
  alice_.send("anybody?");
  shard_.run();
  auto second = greet(bob_);
  first->partner_came();
  shard_.run();
  session_ = std::make_unique<Session>(shard_.context, SessionId{7}, std::move(first), std::move(second));
  session_->begin();
  gate_.spawn(shard_.context.executor(), [](Session& s, std::optional<SessionEnd>& ended) -> awaitable<void> {
    ended = co_await s.run();
  }(*session_, ended_));
  shard_.run();
  EXPECT_EQ(bob_.take_messages(), Texts{"anybody?"});
}

TEST_F(SessionTest, CountsAreBackToZeroAtTheEnd) {
  meet();
  alice_.send("x");
  alice_.connection->peer_closes();
  shard_.run();
  bob_.connection->peer_closes();
  shard_.run();
  ASSERT_TRUE(ended_);
  session_.reset();
  const ProtocolCounters& counters = shard_.context.counters.of(Protocol::classic);
  EXPECT_EQ(counters.sessions[0].get(), 0u);
  EXPECT_EQ(counters.sessions[1].get(), 0u);
  EXPECT_EQ(shard_.context.counters.buffered_bytes.get(), 0u);
}

}  // namespace
}  // namespace parley
