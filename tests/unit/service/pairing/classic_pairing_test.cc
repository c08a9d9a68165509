#include "service/pairing/classic_pairing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/classic_fixture.h"

namespace parley {
namespace {

using namespace std::chrono_literals;
using test::ClassicPeer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Shards without threads: what one posts to another lies there until the test runs that one.
class ClassicPairingTest : public ::testing::Test {
 protected:
  struct Shard {
    Shard(Lobby& lobby, std::atomic<std::uint64_t>& ids)
        : sessions(base.context, ids), dismissed(base.context), pairing(base.context, lobby, sessions, dismissed) {}
    ~Shard() {
      pairing.drain();
      base.run();
      sessions.end_all({EndReason::draining, EndedBy::relay}, true);
      pairing.abort();
      dismissed.abort();
      base.run();
    }
    void run() { base.run(); }

    test::FakeShard base;
    SessionTable sessions;
    DismissedLegs dismissed;
    ClassicPairing pairing;
  };

  std::unique_ptr<ClassicLeg> greet(Shard& shard, ClassicPeer& peer) {
    auto leg = test::make_leg(shard.base, peer);
    Gate gate;
    gate.spawn(shard.base.context.executor(), [](ClassicLeg& l) -> awaitable<void> { co_await l.handshake(); }(*leg));
    shard.run();
    peer.take_relay_key();
    peer.connection->peer_sends(peer.pem());
    shard.run();
    return leg;
  }
  void arrive(Shard& shard, ClassicPeer& peer) { shard.pairing.arrive(greet(shard, peer)); }
  void run() {
    for (int i = 0; i < 3; ++i) {
      for (Shard* shard : {&one_, &two_}) shard->run();
    }
  }
  void expect_talk(ClassicPeer& from, ClassicPeer& to) {
    from.send("hello");
    run();
    EXPECT_THAT(to.take_messages(), ElementsAre("hello"));
    to.send("and back");
    run();
    EXPECT_THAT(from.take_messages(), ElementsAre("and back"));
  }
  static std::uint64_t ended(Shard& shard, EndReason why) {
    return shard.base.context.counters.of(Protocol::classic).leg_ends_total[static_cast<std::size_t>(why)].get();
  }

  Lobby lobby_;
  std::atomic<std::uint64_t> ids_{1000};
  ClassicPeer alice_;
  ClassicPeer bob_;
  ClassicPeer carol_;
  ClassicPeer dave_;
  Shard one_{lobby_, ids_};
  Shard two_{lobby_, ids_};
};

TEST_F(ClassicPairingTest, TwoMeetOnOneShard) {
  arrive(one_, alice_);
  EXPECT_EQ(one_.pairing.waiting().size(), 1u);
  arrive(one_, bob_);
  run();
  EXPECT_THAT(one_.pairing.waiting(), IsEmpty());
  expect_talk(alice_, bob_);
}

TEST_F(ClassicPairingTest, WhatOneSaidBeforeTheyMetOnAnotherShardIsDelivered) {
  arrive(one_, alice_);
  alice_.send("anybody?");
  run();
  arrive(two_, bob_);
  run();
  EXPECT_THAT(bob_.take_messages(), ElementsAre("anybody?"));
  expect_talk(bob_, alice_);
  EXPECT_EQ(one_.sessions.list({}).size(), 1u) << "where the first waited";
}

TEST_F(ClassicPairingTest, WhoComeToBothShardsAtOnceMeetWhoeverIsRunFirst) {
  for (const bool one_first : {true, false}) {
    ClassicPeer first, second, third, fourth;
    arrive(one_, first);
    arrive(two_, second);  // lies before the first shard
    arrive(two_, third);
    arrive(one_, fourth);  // lies before the second
    (one_first ? one_ : two_).run();
    (one_first ? two_ : one_).run();
    run();
    expect_talk(first, second);
    expect_talk(third, fourth);
  }
}

TEST_F(ClassicPairingTest, WhoIsGoneAtTheMomentOfMeetingLeavesItsPlaceToWhoCame) {
  for (Shard* shard : {&one_, &two_}) {
    ClassicPeer gone, came, next;
    arrive(one_, gone);
    run();
    gone.connection->peer_closes();  // nobody has looked yet
    arrive(*shard, came);
    run();
    EXPECT_EQ(lobby_.waiting(), 1u);
    EXPECT_TRUE(gone.connection->leg_closed);
    EXPECT_FALSE(came.connection->leg_closed);
    arrive(two_, next);
    run();
    expect_talk(came, next);
  }
}

TEST_F(ClassicPairingTest, WhoWasMetAndIsGoneBeforeItHearsOfItLeavesItsPartnerToTheNext) {
  arrive(one_, alice_);
  run();
  arrive(one_, bob_);
  alice_.connection->connection_breaks();  // before its coroutine has gone on
  run();
  arrive(two_, carol_);
  run();
  // The first may have been in a session by then, which has ended: either way nobody is left alone.
  EXPECT_TRUE(alice_.connection->leg_closed);
  if (bob_.connection->leg_shut_down) {
    EXPECT_EQ(lobby_.waiting(), 1u);
  } else {
    expect_talk(bob_, carol_);
  }
}

TEST_F(ClassicPairingTest, WhoIsMetAsItsWaitingEndsLeavesItsPartnerToTheNext) {
  arrive(one_, alice_);
  run();
  arrive(one_, bob_);        // she is met, and has not heard of it
  one_.base.advance(11min);  // --wait-timeout
  EXPECT_TRUE(alice_.connection->leg_closed);
  EXPECT_FALSE(bob_.connection->leg_closed);
  EXPECT_EQ(lobby_.waiting(), 1u);
  arrive(two_, carol_);
  run();
  expect_talk(bob_, carol_);
}

TEST_F(ClassicPairingTest, WhoLeavesDoesNotWaitAnyMore) {
  arrive(one_, alice_);
  run();
  EXPECT_EQ(lobby_.waiting(), 1u);
  alice_.connection->peer_closes();
  run();
  EXPECT_EQ(lobby_.waiting(), 0u);
  EXPECT_THAT(one_.pairing.waiting(), IsEmpty());
}

TEST_F(ClassicPairingTest, WhoComesForOneWhoIsGoneMeetsTheOneWhoCameMeanwhile) {
  arrive(one_, alice_);
  run();
  arrive(two_, bob_);  // lies before the first shard
  alice_.connection->peer_closes();
  arrive(two_, carol_);  // the lobby is empty: it waits
  run();
  expect_talk(carol_, bob_);
  EXPECT_EQ(lobby_.waiting(), 0u);
}

TEST_F(ClassicPairingTest, ALegInTransitWhenTheDrainBeginsIsClosed) {
  arrive(one_, alice_);
  run();
  arrive(two_, bob_);  // lies before the first shard
  one_.pairing.drain();
  run();
  EXPECT_TRUE(alice_.connection->leg_closed);
  EXPECT_TRUE(bob_.connection->leg_closed);
  EXPECT_EQ(ended(one_, EndReason::draining), 2u);
}

TEST_F(ClassicPairingTest, ALegInTransitWhenBothShardsDrainIsClosed) {
  arrive(one_, alice_);
  run();
  arrive(two_, bob_);
  two_.pairing.drain();
  one_.pairing.drain();
  run();
  EXPECT_TRUE(bob_.connection->leg_closed);
  arrive(two_, carol_);
  run();
  EXPECT_TRUE(carol_.connection->leg_closed);
  EXPECT_EQ(lobby_.waiting(), 0u);
}

}  // namespace
}  // namespace parley
