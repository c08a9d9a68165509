#include "service/pairing/relay_pairing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/support/relay_fixture.h"

namespace parley {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using relay::FrameType;
using test::RelayPeer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

// What a client has been sent, a word for each frame: "WAITING", "PAIRED first new", "ERROR draining".
std::string word(const RelayPeer::Frame& frame) {
  switch (frame.type) {
    case FrameType::waiting:
      return "WAITING";
    case FrameType::paired: {
      const json paired = json::parse(frame.payload);
      return "PAIRED " + paired["role"].get<std::string>() + (paired["resumed"].get<bool>() ? " resumed" : " new");
    }
    case FrameType::peer_left:
      return "PEER_LEFT " + json::parse(frame.payload)["reason"].get<std::string>();
    case FrameType::error:
      return "ERROR " + json::parse(frame.payload)["code"].get<std::string>();
    case FrameType::ping:
      return "PING";
    case FrameType::data:
      return "DATA " + frame.payload;
    default:
      return "type " + std::to_string(static_cast<int>(frame.type));
  }
}

// A client that keeps its newest token. It answers PING when it looks at what has come, unless it is deaf.
struct Client {
  Words hears() {
    Words words;
    for (const auto& frame : peer.take()) {
      words.push_back(word(frame));
      if (frame.type == FrameType::waiting || frame.type == FrameType::paired)
        token = json::parse(frame.payload)["resume"];
      if (frame.type == FrameType::ping && !deaf) peer.send(FrameType::pong, frame.payload);
    }
    return words;
  }
  void leaves() { peer.send(FrameType::bye); }

  RelayPeer peer;
  std::string token;
  bool deaf = false;
};

// Shards without threads: what one posts to another lies there until the test runs that one.
class RelayPairingTest : public ::testing::Test {
 protected:
  struct Shard {
    Shard(Rooms& rooms, std::atomic<std::uint64_t>& ids)
        : sessions(base.context, ids), dismissed(base.context), pairing(base.context, rooms, sessions, dismissed) {}
    ~Shard() {
      pairing.drain(0ms);
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
    RelayPairing pairing;
  };

  // Connected and greeted, but not yet in its room.
  std::unique_ptr<RelayLeg> greet(Shard& shard, Client& client, const std::string& token = {}) {
    client.peer = RelayPeer();
    auto leg = test::make_leg(shard.base, client.peer);
    relay::Hello hello{.room = "room"};
    if (!token.empty()) hello.resume = token;
    client.peer.connection->peer_sends(relay::to_frame(hello));
    Gate gate;
    gate.spawn(shard.base.context.executor(), [](RelayLeg& l) -> awaitable<void> { co_await l.handshake(); }(*leg));
    shard.run();
    return leg;
  }
  void arrive(Shard& shard, Client& client, const std::string& token = {}) {
    shard.pairing.arrive(greet(shard, client, token));
  }
  // For a leg that has learned from Rooms where to go, and is not yet on its way there.
  struct Traveller {
    Rooms::Answer answer;
    Detached<RelayLeg> leg;
    void goes_on() { answer.other.at->enter(answer, std::move(leg)); }
  };
  Traveller ask_rooms(Shard& shard, Client& client, const std::string& token = {}) {
    auto leg = greet(shard, client, token);
    Rooms::Arrival arrival{{&shard.pairing, leg->info().id}, "room", "192.0.2.1", std::nullopt, {}};
    if (!token.empty()) arrival.token = leg->credentials().token_keys->verify(token, "room");
    return {rooms_.enter(arrival, {}), leg->detach()};
  }
  void run() {
    for (int i = 0; i < 3; ++i) {
      for (Shard* shard : {&one_, &two_}) shard->run();
    }
  }
  void advance(TimePoint::duration by) {
    for (Shard* shard : {&one_, &two_}) shard->base.advance(by);
    run();
  }
  std::uint64_t ended(Shard& shard, EndReason why) {
    return shard.base.context.counters.of(Protocol::relay).leg_ends_total[static_cast<std::size_t>(why)].get();
  }
  // What each has heard, once who is asked for a sign of life has given it.
  void settle() {
    run();
    for (Client* client : {&alice_, &bob_, &carol_}) {
      for (auto& heard : client->hears()) heard_[client].push_back(heard);
    }
    run();
    for (Client* client : {&alice_, &bob_, &carol_}) {
      for (auto& heard : client->hears()) heard_[client].push_back(heard);
    }
  }
  Words heard(Client& client) { return std::exchange(heard_[&client], {}); }
  void expect_talk(Client& from, Client& to) {
    from.peer.send(FrameType::data, "hello");
    settle();
    EXPECT_THAT(heard(to), ElementsAre("DATA hello"));
  }

  Rooms rooms_;
  std::atomic<std::uint64_t> ids_{1000};
  Client alice_;
  Client bob_;
  Client carol_;
  std::map<Client*, Words> heard_;
  Shard one_{rooms_, ids_};
  Shard two_{rooms_, ids_};
};

TEST_F(RelayPairingTest, TwoMeetOnOneShard) {
  arrive(one_, alice_);
  arrive(one_, bob_);
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("WAITING", "PING", "PAIRED first new"));
  EXPECT_THAT(heard(bob_), ElementsAre("PAIRED second new"));
  expect_talk(bob_, alice_);
}

TEST_F(RelayPairingTest, WhoHaveMetHaveNoDeadlineOfWaiting) {
  arrive(one_, alice_);
  arrive(one_, bob_);
  settle();
  advance(11min);
  for (Client* client : {&alice_, &bob_}) heard(*client);
  expect_talk(alice_, bob_);
  expect_talk(bob_, alice_);
}

TEST_F(RelayPairingTest, WhatIsBehindHelloIsAnsweredOnAnotherShard) {
  arrive(one_, alice_);
  // It takes none of its answers for a while, and is then read no further.
  auto leg = test::make_leg(two_.base, bob_.peer);
  bob_.peer.connection->window = 0;
  bob_.peer.hello();
  constexpr std::size_t kPings = 1000;  // one reading, and more than it may leave unanswered
  for (std::size_t i = 0; i < kPings; ++i) bob_.peer.send(FrameType::ping, "12345678");
  Gate gate;
  gate.spawn(two_.base.context.executor(), [](RelayLeg& l) -> awaitable<void> { co_await l.handshake(); }(*leg));
  two_.run();
  bob_.peer.connection->window = std::size_t{1} << 20U;
  bob_.peer.take();
  two_.run();
  ASSERT_EQ(gate.inside(), 0u);
  two_.pairing.arrive(std::move(leg));
  settle();
  std::size_t answers = 0;
  for (int i = 0; i < 100; ++i) {
    settle();
    for (const std::string& word : heard(bob_)) answers += word == "type 8" ? 1U : 0U;
  }
  EXPECT_EQ(answers, kPings);
}

TEST_F(RelayPairingTest, TwoMeetFromDifferentShards) {
  arrive(one_, alice_);
  arrive(two_, bob_);
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("WAITING", "PING", "PAIRED first new"));
  EXPECT_THAT(heard(bob_), ElementsAre("PAIRED second new"));
  expect_talk(alice_, bob_);
  EXPECT_EQ(one_.sessions.list({}).size(), 1u) << "where the first waited";
}

TEST_F(RelayPairingTest, ThreeWhoComeAtOnceAreAPairAndOneWhoIsToTryAgain) {
  arrive(one_, alice_);
  arrive(two_, bob_);
  arrive(one_, carol_);  // before the first shard has heard of the second's
  settle();
  EXPECT_THAT(heard(carol_), ElementsAre("ERROR room-held")) << "should the first be gone, there will be room";
  EXPECT_THAT(heard(bob_), ElementsAre("PAIRED second new"));
  arrive(one_, carol_);
  settle();
  EXPECT_THAT(heard(carol_), ElementsAre("ERROR room-full"));
}

TEST_F(RelayPairingTest, AClientWhoseWaitingWasLostDoesNotMeetItself) {
  Client ghost{.peer = {}, .token = {}, .deaf = true};
  arrive(one_, ghost);
  run();
  arrive(two_, alice_);  // the same client, which has no token
  settle();
  EXPECT_THAT(ghost.hears(), ElementsAre("WAITING", "PING"));
  EXPECT_THAT(heard(alice_), IsEmpty());
  advance(RelayLeg::kSignOfLifeWithin + 100ms);
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("WAITING")) << "in the ghost's place";
  advance(RelayLeg::kLinger + 100ms);
  EXPECT_EQ(ended(one_, EndReason::lost), 1u);
  arrive(one_, bob_);
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("PING", "PAIRED first new"));
  EXPECT_THAT(heard(bob_), ElementsAre("PAIRED second new"));
  expect_talk(bob_, alice_);
}

TEST_F(RelayPairingTest, AClientWhoseWaitingWasLostComesBackWithAnOlderToken) {
  arrive(one_, alice_);
  settle();
  const std::string token = alice_.token;
  Client again;
  arrive(two_, again, token);  // WAITING for this one is lost
  run();
  Client third;
  arrive(one_, third, token);
  settle();
  run();
  EXPECT_THAT(third.hears(), ElementsAre("WAITING"));
  EXPECT_TRUE(again.peer.connection->leg_closed);
  arrive(two_, bob_);
  run();
  EXPECT_THAT(third.hears(), ElementsAre("PING"));
  run();
  EXPECT_THAT(third.hears(), ElementsAre("PAIRED first new"));
}

TEST_F(RelayPairingTest, AnyFrameButTheAnswerIsNoSignOfLife) {
  alice_.deaf = true;
  arrive(one_, alice_);
  arrive(one_, bob_);
  alice_.peer.send(FrameType::pong, "unasked!");
  alice_.peer.send(FrameType::ping, "parley/1");
  settle();
  EXPECT_THAT(heard(bob_), IsEmpty());
  alice_.peer.send(FrameType::pong, "parley/1");
  settle();
  EXPECT_THAT(heard(bob_), ElementsAre("PAIRED second new"));
}

TEST_F(RelayPairingTest, WhoIsGoneAtTheMomentOfMeetingLeavesItsPlaceToWhoCame) {
  arrive(one_, alice_);
  settle();
  arrive(two_, bob_);
  alice_.peer.connection->peer_closes();  // nobody has looked yet
  settle();
  EXPECT_THAT(heard(bob_), ElementsAre("WAITING"));
  EXPECT_EQ(rooms_.waiting(), 1u);
}

TEST_F(RelayPairingTest, WhoSaysByeAtTheMomentOfMeetingLeavesItsPlaceToWhoCame) {
  arrive(one_, alice_);
  settle();
  arrive(one_, bob_);
  alice_.leaves();
  settle();
  EXPECT_THAT(heard(bob_), ElementsAre("WAITING"));
}

TEST_F(RelayPairingTest, WhoCameAndIsGoneAtTheMomentOfMeetingIsALostPartner) {
  arrive(one_, alice_);
  arrive(two_, bob_);
  bob_.peer.connection->connection_breaks();
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("WAITING", "PING", "PAIRED first new", "PEER_LEFT lost"));
}

TEST_F(RelayPairingTest, ANewerConnectionTakesThePlaceOfWhoWaits) {
  arrive(one_, alice_);
  settle();
  RelayPeer older = alice_.peer;
  arrive(two_, alice_, alice_.token);
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("WAITING", "WAITING"));
  EXPECT_THAT(older.take(), IsEmpty()) << "closed without ERROR";
  EXPECT_TRUE(older.connection->leg_closed);
  arrive(one_, bob_);
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("PING", "PAIRED first new"));
  EXPECT_EQ(two_.sessions.list({}).size(), 1u);
}

TEST_F(RelayPairingTest, ANewerConnectionTakesThePlaceOfOneWhosePartnerIsOnTheWay) {
  for (const bool overtakes : {false, true}) {
    arrive(one_, alice_);
    settle();
    heard(alice_);
    const RelayPeer older = alice_.peer;
    Traveller partner = ask_rooms(two_, bob_);
    ASSERT_EQ(partner.answer.kind, Rooms::Kind::meet);
    Traveller newer = ask_rooms(two_, alice_, alice_.token);
    ASSERT_EQ(newer.answer.kind, Rooms::Kind::rejoin);
    (overtakes ? newer : partner).goes_on();
    (overtakes ? partner : newer).goes_on();
    settle();
    EXPECT_EQ(heard(alice_), overtakes ? (Words{"WAITING", "PING", "PAIRED first new"}) : Words{"PAIRED first new"});
    EXPECT_THAT(heard(bob_), ElementsAre("PAIRED second new"));
    EXPECT_TRUE(older.connection->leg_closed);
    expect_talk(alice_, bob_);
    alice_.leaves();
    settle();
    heard(bob_);
  }
}

TEST_F(RelayPairingTest, WhoWasLostWhileItsPartnerWasOnTheWayComesBackAndIsMet) {
  arrive(one_, alice_);
  settle();
  heard(alice_);
  Traveller partner = ask_rooms(two_, bob_);
  alice_.peer.connection->connection_breaks();
  run();
  arrive(two_, alice_, alice_.token);
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("WAITING"));
  partner.goes_on();
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("PING", "PAIRED first new"));
  EXPECT_THAT(heard(bob_), ElementsAre("PAIRED second new"));
}

TEST_F(RelayPairingTest, WhoComesForOneWhoWasLostMeanwhileWaitsInItsPlace) {
  arrive(one_, alice_);
  settle();
  Traveller partner = ask_rooms(two_, bob_);
  alice_.peer.connection->connection_breaks();
  run();
  partner.goes_on();
  settle();
  EXPECT_THAT(heard(bob_), ElementsAre("WAITING"));
  arrive(two_, carol_);
  settle();
  EXPECT_THAT(heard(carol_), ElementsAre("PAIRED second new"));
}

TEST_F(RelayPairingTest, AfterARestartANewerConnectionOfThePartnerOvertakesItsOlder) {
  arrive(one_, alice_);
  arrive(one_, bob_);
  settle();
  const std::string first = alice_.token;
  const std::string second = bob_.token;
  Rooms after_restart;
  Shard shard(after_restart, ids_);
  shard.pairing.arrive(greet(shard, alice_, first));
  auto older_leg = greet(shard, bob_, second);
  const RelayPeer older = bob_.peer;
  const Rooms::Answer met = after_restart.enter({{&shard.pairing, older_leg->info().id},
                                                 "room",
                                                 "192.0.2.1",
                                                 older_leg->credentials().token_keys->verify(second, "room"),
                                                 {}},
                                                {});
  ASSERT_EQ(met.kind, Rooms::Kind::meet);
  auto detached = older_leg->detach();
  Client newer;
  shard.pairing.arrive(greet(shard, newer, second));
  shard.pairing.enter(met, std::move(detached));
  for (int i = 0; i < 3; ++i) {
    shard.run();
    alice_.hears();
  }
  shard.run();
  EXPECT_THAT(newer.hears(), ElementsAre("PAIRED second resumed"));
  EXPECT_TRUE(older.connection->leg_shut_down) << "replaced";
}

TEST_F(RelayPairingTest, ASessionThatEndsWhileALegComesBackByItsTokenHasNoPlaceForIt) {
  arrive(one_, alice_);
  arrive(one_, bob_);
  settle();
  bob_.peer.connection->connection_breaks();
  settle();
  heard(bob_);
  Traveller back = ask_rooms(two_, bob_, bob_.token);
  ASSERT_EQ(back.answer.kind, Rooms::Kind::rejoin);
  alice_.leaves();
  settle();
  back.goes_on();
  settle();
  EXPECT_THAT(heard(bob_), ElementsAre("ERROR bad-resume"));
}

TEST_F(RelayPairingTest, ALegComesBackToItsSessionFromAnotherShard) {
  arrive(one_, alice_);
  arrive(one_, bob_);
  settle();
  bob_.peer.connection->connection_breaks();
  settle();
  heard(alice_), heard(bob_);
  arrive(two_, bob_, bob_.token);
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("PAIRED first resumed"));
  EXPECT_THAT(heard(bob_), ElementsAre("PAIRED second resumed"));
}

TEST_F(RelayPairingTest, ASessionThatIsClosingDoesNotHideANewerOneOfItsName) {
  arrive(one_, alice_);
  arrive(one_, bob_);
  settle();
  const std::string first = alice_.token;
  const std::string second = bob_.token;
  RelayPeer stuck = bob_.peer;
  stuck.connection->window = stuck.connection->to_peer.size();  // takes nothing: its session will be long in closing
  alice_.leaves();
  run();
  ASSERT_EQ(one_.sessions.list({}).at(0).state, SessionState::closing);
  for (std::size_t i = 0; i < Rooms::kMostEnded; ++i) {  // until Rooms has forgotten its name
    const relay::SessionName name{std::byte(i), std::byte(i >> 8U), std::byte{1}};
    rooms_.enter({{&two_.pairing, LegId{1}}, "other", "192.0.2.2", {}, name}, {});
    rooms_.enter({{&two_.pairing, LegId{2}}, "other", "192.0.2.2", {}, name}, {});
    rooms_.end("other", name);
  }
  arrive(one_, alice_, first);
  arrive(one_, carol_, second);
  heard_.clear();
  for (int i = 0; i < 2; ++i) settle();
  EXPECT_THAT(heard(carol_), ElementsAre("PAIRED second resumed"));
  stuck.connection->connection_breaks();
  run();
  heard_.clear();
  arrive(two_, carol_, carol_.token);
  settle();
  EXPECT_THAT(heard(carol_), ElementsAre("PAIRED second resumed")) << "the older one has not taken the name with it";
}

TEST_F(RelayPairingTest, WhatLeadsToNobodyIsForgotten) {
  const relay::SessionName name{std::byte{7}};
  for (const auto leg : {std::uint64_t{998}, std::uint64_t{999}}) {  // whom no shard has ever seen
    rooms_.enter({{&one_.pairing, LegId{leg}}, "room", "192.0.2.1", std::nullopt, name}, {});
  }
  const auto expires = std::chrono::floor<std::chrono::seconds>(one_.base.clock.wall_now() + 1h);
  arrive(two_, alice_, test::test_credentials()->token_keys->make({name, relay::Place::first, expires}, "room"));
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("WAITING"));
}

TEST_F(RelayPairingTest, ATokenIsGoodForAWeekByTheClock) {
  arrive(one_, alice_);
  arrive(one_, bob_);
  settle();
  const std::string tokens[] = {alice_.token, bob_.token};
  Rooms after_restart;
  Shard shard(after_restart, ids_);
  shard.base.advance(RelayLeg::kTokenLifetime - 1s);
  shard.pairing.arrive(greet(shard, alice_, tokens[0]));
  shard.run();
  EXPECT_THAT(alice_.hears(), ElementsAre("WAITING"));
  shard.base.advance(1s);
  shard.pairing.arrive(greet(shard, bob_, tokens[1]));
  shard.run();
  EXPECT_THAT(bob_.hears(), ElementsAre("ERROR bad-resume"));
}

TEST_F(RelayPairingTest, ALegInTransitWhenTheDrainBeginsIsToldSo) {
  arrive(one_, alice_);
  settle();
  arrive(two_, bob_);  // lies before the first shard
  one_.pairing.drain(1s);
  settle();
  EXPECT_THAT(heard(bob_), ElementsAre("ERROR draining"));
  advance(1100ms);
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("WAITING", "ERROR draining"));
}

TEST_F(RelayPairingTest, ALegInTransitIsSeenUntilItHasArrived) {
  arrive(one_, alice_);
  settle();
  arrive(two_, bob_);
  const auto seen = two_.base.in_transit.legs();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_TRUE(seen[0].in_transit);
  EXPECT_EQ(seen[0].protocol, Protocol::relay);
  settle();
  EXPECT_THAT(two_.base.in_transit.legs(), IsEmpty());
  EXPECT_THAT(heard(bob_), ElementsAre("PAIRED second new"));
}

TEST_F(RelayPairingTest, ALegThatIsInTransitForTooLongIsCut) {
  arrive(one_, alice_);
  settle();
  arrive(two_, bob_);
  InTransit& in_transit = two_.base.in_transit;
  const TimePoint now = two_.base.clock.now();
  in_transit.cut_overdue(now + 9999ms, 10s);
  in_transit.cut_overdue(now + 1h, 0s);  // no deadline
  EXPECT_FALSE(bob_.peer.connection->peer_closed);
  in_transit.cut_overdue(now + 10s, 10s);
  EXPECT_TRUE(bob_.peer.connection->peer_closed);
  EXPECT_EQ(in_transit.legs().size(), 1U);  // its new shard has it still to come
  settle();
  EXPECT_THAT(in_transit.legs(), IsEmpty());
}

TEST_F(RelayPairingTest, WhoIsBeingMetWhenTheDrainBeginsIsToldSoWithItsPartner) {
  alice_.deaf = true;
  arrive(one_, alice_);
  arrive(one_, bob_);
  run();
  one_.pairing.drain(1s);
  settle();
  EXPECT_THAT(heard(alice_), ElementsAre("WAITING", "PING", "ERROR draining"));
  EXPECT_THAT(heard(bob_), ElementsAre("ERROR draining"));
}

TEST_F(RelayPairingTest, WhoWaitsAtADrainIsToldAtAnotherMomentAndToComeBackAtAnother) {
  constexpr std::size_t kMany = 40;
  one_.base.context.limits.max_rooms_per_address = 0;
  std::vector<RelayPeer> peers(kMany);
  for (std::size_t i = 0; i < kMany; ++i) {
    auto leg = test::make_leg(one_.base, peers[i]);
    peers[i].hello("room-" + std::to_string(i));
    Gate gate;
    gate.spawn(one_.base.context.executor(), [](RelayLeg& l) -> awaitable<void> { co_await l.handshake(); }(*leg));
    one_.run();
    one_.pairing.arrive(std::move(leg));
    one_.run();
    peers[i].take();
  }
  one_.pairing.drain(1s);
  std::set<int> moments;
  std::set<int> retries;
  std::size_t told = 0;
  for (int moment = 0; moment <= 22; ++moment, one_.base.advance(50ms)) {
    for (RelayPeer& peer : peers) {
      for (const auto& frame : peer.take()) {
        ++told;
        moments.insert(moment);
        retries.insert(json::parse(frame.payload)["retry_after_s"].get<int>());
      }
    }
  }
  EXPECT_EQ(told, kMany);
  EXPECT_GE(moments.size(), 8u);
  EXPECT_GE(retries.size(), 4u);
  EXPECT_GE(*retries.begin(), 5);
  EXPECT_LE(*retries.rbegin(), 10);
}

TEST_F(RelayPairingTest, WhoIsBeingMetIsSeen) {
  alice_.deaf = true;
  arrive(one_, alice_);
  EXPECT_EQ(one_.pairing.waiting().size(), 1u);
  arrive(one_, bob_);
  run();
  EXPECT_EQ(one_.pairing.waiting().size(), 2u);
}

}  // namespace
}  // namespace parley
