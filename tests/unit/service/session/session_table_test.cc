#include "service/session/session_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "service/session/dismissed_legs.h"
#include "tests/support/classic_fixture.h"
#include "tests/support/relay_fixture.h"

namespace parley {
namespace {

using namespace std::chrono_literals;
using test::ClassicPeer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SessionTableTest : public ::testing::Test {
 protected:
  ~SessionTableTest() override {
    table_.end_all({EndReason::draining, EndedBy::relay}, true);
    shard_.run();
  }

  std::unique_ptr<ClassicLeg> greet(ClassicPeer& peer) {
    auto leg = test::make_leg(shard_, peer);
    Gate gate;
    gate.spawn(shard_.context.executor(), [](ClassicLeg& l) -> awaitable<void> { co_await l.handshake(); }(*leg));
    shard_.run();
    peer.take_relay_key();
    peer.connection->peer_sends(peer.pem());
    shard_.run();
    return leg;
  }
  SessionId start() {
    auto first = greet(peers_.emplace_back());
    auto second = greet(peers_.emplace_back());
    const SessionId id = table_.new_id();
    table_.start(std::make_unique<Session>(shard_.context, id, std::move(first), std::move(second)));
    shard_.run();
    return id;
  }
  std::vector<std::uint64_t> ids(const SessionQuery& query = {}) const {
    std::vector<std::uint64_t> found;
    for (const SessionView& session : table_.list(query)) found.push_back(session.id.value);
    return found;
  }
  ProtocolCounters& counters() { return shard_.context.counters.of(Protocol::classic); }

  test::FakeShard shard_;
  std::atomic<std::uint64_t> next_id_{1};
  SessionTable table_{shard_.context, next_id_};
  std::deque<ClassicPeer> peers_;
};

TEST_F(SessionTableTest, ListsNewestFirstByPage) {
  for (int i = 0; i < 5; ++i) start();
  EXPECT_THAT(ids(), ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(ids({.protocol = {}, .state = {}, .before = {}, .limit = 2}), ElementsAre(5, 4));
  EXPECT_THAT(ids({.protocol = {}, .state = {}, .before = SessionId{4}, .limit = 2}), ElementsAre(3, 2));
  EXPECT_THAT(ids({.protocol = {}, .state = {}, .before = SessionId{1}, .limit = 2}), IsEmpty());
  EXPECT_THAT(ids({.protocol = {}, .state = {}, .before = SessionId{99}, .limit = 1}), ElementsAre(5));
}

TEST_F(SessionTableTest, ListsWhatIsAskedFor) {
  start();
  start();
  peers_[0].send("for who does not read");
  peers_[1].connection->window = peers_[1].connection->to_peer.size();
  peers_[0].connection->peer_closes();
  shard_.run();
  EXPECT_THAT(ids({.protocol = {}, .state = SessionState::closing}), ElementsAre(1));
  EXPECT_THAT(ids({.protocol = {}, .state = SessionState::active}), ElementsAre(2));
  EXPECT_THAT(ids({.protocol = Protocol::relay}), IsEmpty());
}

TEST_F(SessionTableTest, ASessionIsFoundUntilBothLegsAreGone) {
  const SessionId id = start();
  EXPECT_EQ(table_.find(id)->id, id);
  peers_[0].connection->peer_closes();
  shard_.run();
  EXPECT_EQ(table_.find(id)->state, SessionState::closing) << "the other has not closed yet";
  peers_[1].connection->peer_closes();
  shard_.run();
  EXPECT_FALSE(table_.find(id));
  EXPECT_EQ(counters().sessions_total.get(), 1u);
  EXPECT_EQ(counters().session_ends_total[static_cast<std::size_t>(EndReason::peer_closed)].get(), 1u);
}

TEST_F(SessionTableTest, EndsASessionOnce) {
  const SessionId id = start();
  const SessionEnd why{EndReason::ended_by_operator, EndedBy::relay};
  EXPECT_FALSE(table_.end(SessionId{99}, why));
  EXPECT_TRUE(table_.end(id, why));
  EXPECT_FALSE(table_.end(id, why)) << "it is ending already";
  shard_.run();
  shard_.advance(ClassicLeg::kLinger + 100ms);
  EXPECT_FALSE(table_.end(id, why));
  EXPECT_EQ(counters().session_ends_total[static_cast<std::size_t>(EndReason::ended_by_operator)].get(), 1u);
}

TEST_F(SessionTableTest, EndsAllWithOrWithoutWaiting) {
  start();
  start();
  table_.end_all({EndReason::draining, EndedBy::relay}, false);
  shard_.run();
  EXPECT_THAT(ids(), ElementsAre(2, 1)) << "each is given its time to close";
  table_.end_all({EndReason::draining, EndedBy::relay}, true);
  shard_.run();
  EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(SessionTableTest, AShorterIdleDeadlineHoldsForSessionsThatAreThere) {
  const SessionId id = start();
  shard_.advance(10min);
  shard_.context.deadlines.idle = 5min;
  table_.check_idle();
  EXPECT_EQ(table_.find(id)->state, SessionState::closing);
}

class DismissedLegsTest : public SessionTableTest {};

TEST_F(DismissedLegsTest, IsClosedAndCounted) {
  DismissedLegs dismissed(shard_.context);
  dismissed.add(greet(peers_.emplace_back()), EndReason::draining);
  shard_.run();
  EXPECT_TRUE(peers_[0].connection->leg_closed);
  EXPECT_EQ(counters().leg_ends_total[static_cast<std::size_t>(EndReason::draining)].get(), 1u);
}

TEST_F(DismissedLegsTest, AtTheEndNobodyIsGivenTimeToClose) {
  DismissedLegs dismissed(shard_.context);
  dismissed.abort();
  test::RelayPeer peer;
  auto leg = test::make_leg(shard_, peer);
  peer.hello();
  Gate gate;
  gate.spawn(shard_.context.executor(), [](Leg& l) -> awaitable<void> { co_await l.handshake(); }(*leg));
  shard_.run();
  dismissed.add(std::move(leg), EndReason::draining);
  shard_.run();
  EXPECT_TRUE(peer.connection->leg_closed);
}

}  // namespace
}  // namespace parley
