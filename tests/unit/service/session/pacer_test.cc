#include "service/session/pacer.h"

#include <gtest/gtest.h>

#include "tests/support/classic_fixture.h"

namespace parley {
namespace {

using namespace std::chrono_literals;

class PacerTest : public ::testing::Test {
 protected:
  void start(unsigned bits) {
    const auto key = classic::PublicKey::from_pem(test::test_key(bits)->public_pem());
    ASSERT_TRUE(key);
    block_ = key->block_bytes();
    pacer_.start(*key);
  }
  // Sends as much as may be sent of it.
  std::size_t send(std::size_t queued) {
    const std::size_t due = pacer_.due(queued);
    pacer_.sent(due, shard_.clock.now());
    return due;
  }

  test::FakeShard shard_;
  Pacer::Turn turn_;
  int went_on_ = 0;
  std::size_t block_ = 0;
  Pacer pacer_{shard_.context, turn_, [this] { ++went_on_; }};
};

TEST_F(PacerTest, LetsEverythingOutBeforeTheKeyIsKnown) {
  pacer_.restart_time();
  EXPECT_EQ(send(1000), 1000u);
  EXPECT_EQ(send(1000), 1000u);
}

TEST_F(PacerTest, SmallKeysGetOneBlockAtATime) {
  start(512);
  EXPECT_EQ(send(3 * block_), block_);
  EXPECT_EQ(send(2 * block_), 0u);
  shard_.advance(Pacer::kPace - DeadlineWheel::kTick);
  EXPECT_EQ(went_on_, 0);
  shard_.advance(2 * DeadlineWheel::kTick);
  EXPECT_EQ(went_on_, 1);
  EXPECT_EQ(send(2 * block_), block_);
}

TEST_F(PacerTest, ABlockInPiecesIsOneBlockAndTheTimeCountsFromItsLastByte) {
  start(512);
  EXPECT_EQ(pacer_.due(2 * block_), block_);
  pacer_.sent(10, shard_.clock.now());
  shard_.advance(10s);
  EXPECT_EQ(pacer_.due(2 * block_ - 10), block_ - 10);
  pacer_.sent(block_ - 10, shard_.clock.now());
  EXPECT_EQ(pacer_.due(block_), 0u);
  shard_.advance(Pacer::kPace + DeadlineWheel::kTick);
  EXPECT_EQ(pacer_.due(block_), block_);
}

TEST_F(PacerTest, ABlockOfTheClientsIsItsTurnOnce) {
  start(512);
  send(block_);
  pacer_.take_turn();
  EXPECT_EQ(send(2 * block_), block_);
  EXPECT_EQ(send(block_), 0u);
}

TEST_F(PacerTest, TheTimeMayStartAnew) {
  start(512);
  pacer_.restart_time();
  EXPECT_EQ(send(block_), 0u);
  shard_.advance(Pacer::kPace + DeadlineWheel::kTick);
  EXPECT_EQ(send(block_), block_);
}

TEST_F(PacerTest, LargerKeysAreNotPacedUnlessTold) {
  start(1024);
  EXPECT_EQ(send(5 * block_), 5 * block_);
  shard_.context.classic.pace = ClassicPace::always;
  EXPECT_EQ(send(5 * block_), block_);
}

TEST_F(PacerTest, NobodyIsPacedWhenTold) {
  shard_.context.classic.pace = ClassicPace::never;
  start(512);
  EXPECT_EQ(send(5 * block_), 5 * block_);
}

TEST_F(PacerTest, DoesNotGoOnOnceStopped) {
  start(512);
  send(block_);
  send(block_);
  pacer_.stop();
  shard_.advance(10s);
  EXPECT_EQ(went_on_, 0);
}

// A leg that moves takes its turn with it.
TEST_F(PacerTest, TheTurnIsAPlainValue) {
  start(512);
  send(block_);
  Pacer::Turn moved = turn_;
  Pacer other(shard_.context, moved, [] {});
  other.start(*classic::PublicKey::from_pem(test::test_key(512)->public_pem()));
  EXPECT_EQ(other.due(block_), 0u);
  other.stop();
}

}  // namespace
}  // namespace parley
