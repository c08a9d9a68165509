#include "service/session/classic_leg.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>
#include <vector>

#include "tests/support/allocations.h"
#include "tests/support/classic_fixture.h"

namespace parley {
namespace {

using namespace std::chrono_literals;
using Ended = std::optional<EndReason>;
using test::ClassicPeer;

// One leg on a shard without threads, and its client.
class ClassicLegTest : public ::testing::Test {
 protected:
  ~ClassicLegTest() override {
    if (!leg_) return;
    leg_->stop_receiving();
    gate_.spawn(shard_.context.executor(), leg_->wait_closed());
    shard_.run();
  }

  void connect(unsigned client_bits = 1024) {
    peer_.emplace(client_bits);
    leg_ = test::make_leg(shard_, *peer_);
    gate_.spawn(shard_.context.executor(), handshake());
    shard_.run();
  }
  void greet(unsigned client_bits = 1024) {
    connect(client_bits);
    peer_->take_relay_key();
    peer_->connection->peer_sends(peer_->pem());
    shard_.run();
    ASSERT_TRUE(handshake_done_);
    ASSERT_EQ(ended_, std::nullopt);
  }
  void greet_as(const std::string& pem) {
    connect();
    peer_->connection->peer_sends(pem);
    shard_.run();
    ASSERT_TRUE(handshake_done_);
    ASSERT_EQ(ended_, std::nullopt);
  }
  void wait() {
    gate_.spawn(shard_.context.executor(), wait_for_partner());
    shard_.run();
  }
  void receive_all() {
    gate_.spawn(shard_.context.executor(), receive());
    shard_.run();
  }
  void send(std::string_view text) {
    leg_->send({std::as_bytes(std::span(text)), shard_.clock.now()});
    shard_.run();
  }
  std::uint64_t dropped() { return shard_.context.counters.of(Protocol::classic).dropped_bytes_total.get(); }

  test::FakeShard shard_;
  Event room_;
  std::optional<ClassicPeer> peer_;
  std::unique_ptr<ClassicLeg> leg_;
  bool handshake_done_ = false;
  bool waiting_done_ = false;
  Ended ended_;
  std::vector<std::string> received_;
  Gate gate_;

 private:
  awaitable<void> handshake() {
    ended_ = co_await leg_->handshake();
    handshake_done_ = true;
  }
  awaitable<void> wait_for_partner() {
    ended_ = co_await leg_->wait_for_partner();
    waiting_done_ = true;
  }
  awaitable<void> receive() {
    for (;;) {
      const auto message = co_await leg_->receive();
      if (!message) {
        ended_ = message.error();
        co_return;
      }
      received_.emplace_back(reinterpret_cast<const char*>(message->bytes.data()), message->bytes.size());
    }
  }
};

TEST_F(ClassicLegTest, SendsItsKeyAtOnceAndTakesTheClients) {
  connect();
  EXPECT_FALSE(handshake_done_);
  peer_->take_relay_key();
  peer_->connection->peer_sends(peer_->pem());
  shard_.run();
  EXPECT_TRUE(handshake_done_);
  EXPECT_EQ(ended_, std::nullopt);
  EXPECT_EQ(leg_->view().rsa_bits, 1024u);
}

TEST_F(ClassicLegTest, TakesAKeyByteByByte) {
  connect();
  for (const char byte : peer_->pem()) {
    EXPECT_FALSE(handshake_done_ && byte != '\n');
    peer_->connection->peer_sends(std::string_view(&byte, 1));
    shard_.run();
  }
  EXPECT_TRUE(handshake_done_);
  EXPECT_EQ(ended_, std::nullopt);
}

TEST_F(ClassicLegTest, EndsAtTheHandshakeDeadlineHoweverSlowlyTheKeyComes) {
  connect();
  for (int i = 0; i < 9; ++i) {
    peer_->connection->peer_sends(peer_->pem().substr(static_cast<std::size_t>(i), 1));
    shard_.advance(1s);
  }
  EXPECT_FALSE(handshake_done_);
  shard_.advance(1100ms);
  EXPECT_TRUE(handshake_done_);
  EXPECT_EQ(ended_, EndReason::handshake_timeout);
  EXPECT_TRUE(peer_->connection->leg_closed);
}

TEST_F(ClassicLegTest, RefusesWhatIsNotAKey) {
  connect();
  peer_->connection->peer_sends("-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n");
  shard_.run();
  EXPECT_EQ(ended_, EndReason::bad_key);
}

TEST_F(ClassicLegTest, RefusesAKeyWithoutEnd) {
  connect();
  peer_->connection->peer_sends("-----BEGIN RSA PUBLIC KEY-----\n" + std::string(5000, 'A'));
  shard_.run();
  EXPECT_EQ(ended_, EndReason::bad_key);
}

TEST_F(ClassicLegTest, RefusesASmallerKeyThanTheBar) {
  shard_.context.classic.min_client_bits = 1024;
  connect(512);
  peer_->connection->peer_sends(peer_->pem());
  shard_.run();
  EXPECT_EQ(ended_, EndReason::bad_key);
}

// The end of the key's last line may come with it, later, or in two pieces; what follows is the first block.
TEST_F(ClassicLegTest, LineEndBelongsToTheKeyHoweverItComes) {
  for (const std::string_view line_end : {"\n", "\r\n"}) {
    for (std::size_t with_key = 0; with_key <= line_end.size(); ++with_key) {
      for (std::size_t with_block = 0; with_block <= line_end.size() - with_key; ++with_block) {
        SCOPED_TRACE(std::to_string(line_end.size()) + " " + std::to_string(with_key) + " " +
                     std::to_string(with_block));
        ClassicPeer peer;
        peer_.emplace();
        leg_ = test::make_leg(shard_, *peer_);
        received_.clear();
        gate_.spawn(shard_.context.executor(),
                    [](ClassicLeg& leg) -> awaitable<void> { co_await leg.handshake(); }(*leg_));
        shard_.run();
        peer_->take_relay_key();
        const auto block = peer_->seal("first");
        const std::string bare = peer_->pem().substr(0, peer_->pem().find_last_not_of("\r\n") + 1);
        const std::size_t middle = line_end.size() - with_block;
        peer_->connection->peer_sends(bare + std::string(line_end.substr(0, with_key)));
        shard_.run();
        receive_all();
        peer_->connection->peer_sends(line_end.substr(with_key, middle - with_key));
        shard_.run();
        peer_->connection->peer_sends(line_end.substr(middle));
        peer_->connection->peer_sends(block);
        shard_.run();
        EXPECT_EQ(received_, std::vector<std::string>{"first"});
        peer_->connection->peer_closes();
        shard_.run();
        leg_.reset();
      }
    }
  }
}

TEST_F(ClassicLegTest, KeyAndBlocksInOneSegment) {
  connect();
  peer_->take_relay_key();
  peer_->connection->peer_sends(peer_->pem());
  peer_->send("one");
  peer_->send("");
  peer_->send("three");
  shard_.run();
  receive_all();
  EXPECT_EQ(received_, (std::vector<std::string>{"one", "", "three"}));
}

TEST_F(ClassicLegTest, ReceivesMoreBlocksThanOneBatchInOrder) {
  greet();
  std::vector<std::string> sent;
  for (int i = 0; i < 50; ++i) {
    sent.push_back("message " + std::to_string(i));
    peer_->send(sent.back());
  }
  receive_all();
  EXPECT_EQ(received_, sent);
  EXPECT_EQ(leg_->view().messages_in, 50u);
}

TEST_F(ClassicLegTest, LeavesNothingOfAMessageInTheMemoryThatItGivesBack) {
  greet();
  const std::string text = "a text that is long enough not to be taken for another";
  peer_->send(text);
  const test::FreedWith freed(text);
  receive_all();
  peer_->connection->peer_closes();
  shard_.run();
  EXPECT_EQ(freed.count(), 0u);
  EXPECT_EQ(received_, std::vector{text});
}

TEST_F(ClassicLegTest, DropsPartOfABlockAtTheEnd) {
  greet();
  peer_->send("whole");
  auto block = peer_->seal("part");
  block.resize(100);
  peer_->connection->peer_sends(block);
  peer_->connection->peer_closes();
  receive_all();
  EXPECT_EQ(received_, std::vector<std::string>{"whole"});
  EXPECT_EQ(ended_, EndReason::peer_closed);
  EXPECT_EQ(dropped(), 100u);
}

TEST_F(ClassicLegTest, EndsOnABlockThatIsNotBelowTheModulus) {
  greet();
  peer_->send("good");
  peer_->connection->peer_sends(std::vector<std::byte>(256, std::byte{0xff}));
  receive_all();
  EXPECT_EQ(received_, std::vector<std::string>{"good"});
  EXPECT_EQ(ended_, EndReason::bad_block);
}

TEST_F(ClassicLegTest, BadPaddingYieldsSomeMessage) {
  greet();
  peer_->connection->peer_sends(std::vector<std::byte>(256, std::byte{0x11}));
  receive_all();
  EXPECT_EQ(received_.size(), 1u);
  EXPECT_EQ(ended_, std::nullopt);
}

TEST_F(ClassicLegTest, HoldsWhatAWaitingClientSendsUpToTheLimit) {
  shard_.context.limits.buffer_limit = 4096;
  greet();
  wait();
  for (int i = 0; i < 20; ++i) peer_->send(std::to_string(i));
  shard_.run();
  EXPECT_EQ(peer_->connection->to_leg.size(), 20u * 256u - 4096u);
  EXPECT_EQ(shard_.context.counters.buffered_bytes.get(), 4096u);
  leg_->partner_came();
  shard_.run();
  EXPECT_TRUE(waiting_done_);
  receive_all();
  EXPECT_EQ(received_.size(), 20u);
  EXPECT_EQ(received_.back(), "19");
  EXPECT_EQ(shard_.context.counters.buffered_bytes.get(), 0u);
}

TEST_F(ClassicLegTest, NoticesThatAWaitingClientLeaves) {
  greet();
  wait();
  peer_->connection->peer_closes();
  shard_.run();
  EXPECT_TRUE(waiting_done_);
  EXPECT_EQ(ended_, EndReason::peer_closed);
}

TEST_F(ClassicLegTest, NoticesItAlsoWhenItsBufferIsFull) {
  shard_.context.limits.buffer_limit = 4096;
  greet();
  wait();
  peer_->connection->peer_sends(std::vector<std::byte>(8192));
  shard_.run();
  peer_->connection->peer_closes();
  shard_.advance(1100ms);
  EXPECT_EQ(ended_, EndReason::peer_closed);
}

TEST_F(ClassicLegTest, WaitsNoLongerThanTheWaitingDeadline) {
  greet();
  wait();
  shard_.advance(9min);
  EXPECT_FALSE(waiting_done_);
  shard_.advance(61s);
  EXPECT_EQ(ended_, EndReason::waited_too_long);
  EXPECT_TRUE(peer_->connection->leg_closed);
  EXPECT_FALSE(peer_->connection->leg_reset) << "it has sent nothing";
}

TEST_F(ClassicLegTest, WhoIsMetHasNoDeadlineAnyMore) {
  greet();
  wait();
  peer_->send("anybody?");
  shard_.run();
  leg_->partner_came();
  shard_.run();
  EXPECT_TRUE(waiting_done_);
  shard_.advance(11min);
  EXPECT_EQ(leg_->end(), std::nullopt);
  leg_->abort(EndReason::peer_closed);
  EXPECT_FALSE(peer_->connection->leg_reset) << "it was met";
}

TEST_F(ClassicLegTest, AFinishedHandshakeHasNoDeadlineAnyMore) {
  greet();
  shard_.advance(11s);
  EXPECT_EQ(leg_->end(), std::nullopt);
}

TEST_F(ClassicLegTest, WhoWaitedInVainLearnsThatNobodyTookItsText) {
  greet();
  wait();
  peer_->send("anybody?");
  shard_.run();
  shard_.advance(11min);
  EXPECT_EQ(ended_, EndReason::waited_too_long);
  EXPECT_TRUE(peer_->connection->leg_reset);
}

TEST_F(ClassicLegTest, SplitsAMessageThatOneBlockCannotHold) {
  greet(1024);
  const std::string text(300, 'x');
  send(text);
  const auto messages = peer_->take_messages();
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0] + messages[1] + messages[2], text);
}

TEST_F(ClassicLegTest, GivesASmallKeyOneThingAtATime) {
  greet(512);
  send(std::string(120, 'x'));  // three blocks of 64 bytes
  EXPECT_TRUE(peer_->connection->to_peer.empty()) << "right after the relay's key";
  shard_.advance(300ms);
  EXPECT_EQ(peer_->take_messages().size(), 1u);
  receive_all();
  peer_->send("my turn");
  shard_.run();
  EXPECT_EQ(peer_->take_messages().size(), 1u) << "the client has sent a block since";
  EXPECT_TRUE(peer_->take_messages().empty());
  shard_.advance(200ms);
  EXPECT_TRUE(peer_->take_messages().empty());
  shard_.advance(100ms);
  EXPECT_EQ(peer_->take_messages().size(), 1u) << "250 ms have passed";
}

TEST_F(ClassicLegTest, ThatTimeBeginsWithTheClientsOwnKey) {
  connect(512);
  peer_->take_relay_key();
  shard_.advance(1s);  // makes its key, and only then reads
  peer_->connection->peer_sends(peer_->pem());
  shard_.run();
  send("early");
  EXPECT_TRUE(peer_->take_messages().empty());
  shard_.advance(300ms);
  EXPECT_EQ(peer_->take_messages(), std::vector<std::string>{"early"});
}

TEST_F(ClassicLegTest, TurnTakersNeverWait) {
  greet(512);
  receive_all();
  for (int i = 0; i < 5; ++i) {
    peer_->send("mine");
    shard_.run();
    send("yours");
    EXPECT_EQ(peer_->take_messages(), std::vector<std::string>{"yours"});
  }
}

TEST_F(ClassicLegTest, PacesNobodyWhenTold) {
  shard_.context.classic.pace = ClassicPace::never;
  greet(512);
  send(std::string(120, 'x'));
  EXPECT_EQ(peer_->take_messages().size(), 3u);
}

TEST_F(ClassicLegTest, IsFullAboveTheBufferLimit) {
  shard_.context.limits.buffer_limit = 4096;
  greet(1024);
  peer_->connection->window = 128;
  int sent = 0;
  for (; !leg_->full(); ++sent) {
    ASSERT_LT(sent, 100);
    send("x");
  }
  EXPECT_GT(leg_->view().buffered_bytes, 4096u);
  EXPECT_LE(leg_->view().buffered_bytes, 4096u + 128u);
  std::size_t taken = 0;
  while (leg_->full() || leg_->view().buffered_bytes != 0) {
    taken += peer_->take_messages().size();
    shard_.run();
  }
  taken += peer_->take_messages().size();
  EXPECT_EQ(taken, static_cast<std::size_t>(sent));
}

// PKCS#1, of an odd modulus of that length, at least 256, and the exponent 65537: nobody has its private key.
std::string public_pem(std::size_t modulus_bytes) {
  const auto tag = [](char what, std::size_t length) {
    return std::string{what, '\x82', static_cast<char>(length >> 8U), static_cast<char>(length & 0xffU)};
  };
  const std::string exponent("\x02\x03\x01\x00\x01", 5);
  const std::string modulus = tag('\x02', modulus_bytes + 1) + '\0' + std::string(modulus_bytes, '\xff');
  const std::string der = tag('\x30', modulus.size() + exponent.size()) + modulus + exponent;
  std::string base64(4 * ((der.size() + 2) / 3) + 1, '\0');
  base64.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                                                         reinterpret_cast<const unsigned char*>(der.data()),
                                                         static_cast<int>(der.size()))));
  return "-----BEGIN RSA PUBLIC KEY-----\n" + base64 + "\n-----END RSA PUBLIC KEY-----\n";
}

TEST_F(ClassicLegTest, RestsWhenSealingUnderADearKeyHasUsedItsShare) {
  greet_as(public_pem(1024));
  leg_->join(room_);
  bool woken = false;
  int sent = 0;
  for (; !leg_->full(); ++sent) {
    ASSERT_LT(sent, 1000);
    send("x");
  }
  EXPECT_GT(sent, 10);
  gate_.spawn(shard_.context.executor(), [](Event& event, bool& over) -> awaitable<void> {
    co_await event.wait();  // that something has been sent
    co_await event.wait();
    over = true;
  }(room_, woken));
  shard_.run();
  EXPECT_FALSE(woken);
  shard_.advance(2 * DeadlineWheel::kTick);
  EXPECT_TRUE(woken);
  EXPECT_FALSE(leg_->full());
}

TEST_F(ClassicLegTest, DoesNotRestUnderTheKeyOfAnHonestClient) {
  greet_as(public_pem(512));
  leg_->join(room_);
  for (int sent = 0; sent < 1000; ++sent) {
    send("x");
    peer_->connection->peer_takes();
    ASSERT_FALSE(leg_->full()) << sent;
  }
}

TEST_F(ClassicLegTest, ReaderThatTakesNothingIsTooSlow) {
  greet(1024);
  peer_->connection->window = 0;
  send("x");
  shard_.advance(29s);
  EXPECT_FALSE(peer_->connection->leg_closed);
  shard_.advance(1100ms);
  EXPECT_TRUE(peer_->connection->leg_closed);
  EXPECT_EQ(leg_->end(), EndReason::too_slow);
}

TEST_F(ClassicLegTest, ReaderThatTakesALittleIsNotTooSlow) {
  greet(1024);
  peer_->connection->window = 1;
  send("x");
  for (int i = 0; i < 127; ++i) {
    shard_.advance(20s);
    EXPECT_EQ(peer_->connection->peer_takes().size(), 1u);
    shard_.run();
  }
  EXPECT_FALSE(peer_->connection->leg_closed);
  EXPECT_EQ(leg_->view().bytes_out, 128u + test::test_key(2048)->public_pem().size());
}

TEST_F(ClassicLegTest, FinishGivesWhatIsQueuedThenCloses) {
  greet(512);
  send("first");
  send("second");
  gate_.spawn(shard_.context.executor(), leg_->finish());
  shard_.advance(300ms);
  EXPECT_EQ(peer_->take_messages(), std::vector<std::string>{"first"});
  EXPECT_FALSE(peer_->connection->leg_shut_down);
  shard_.advance(300ms);
  EXPECT_EQ(peer_->take_messages(), std::vector<std::string>{"second"});
  shard_.run();
  EXPECT_TRUE(peer_->connection->leg_shut_down);
  EXPECT_FALSE(peer_->connection->leg_closed) << "the client may still be reading";
  peer_->connection->peer_closes();
  shard_.run();
  EXPECT_TRUE(peer_->connection->leg_closed);
}

TEST_F(ClassicLegTest, LingersOnlyForAMoment) {
  greet();
  gate_.spawn(shard_.context.executor(), leg_->finish());
  shard_.run();
  EXPECT_FALSE(peer_->connection->leg_closed);
  shard_.advance(ClassicLeg::kLinger + DeadlineWheel::kTick);
  EXPECT_TRUE(peer_->connection->leg_closed);
}

TEST_F(ClassicLegTest, GivesBackOnlyAKeyWhoseClientHasSaidNothing) {
  ClassicPeer peer;
  // A block under the relay's key may have followed, and been lost.
  for (const std::string& said : {std::string(), std::string("-"), peer.pem(), peer.pem() + "x"}) {
    peer.connection = std::make_shared<test::MemoryConnection>();
    int given_back = 0;
    ClassicState state;
    state.info.connected_at = shard_.clock.now();
    state.relay_key = test::test_key(2048);
    state.give_back_key = [&](rsa::KeyPtr) { ++given_back; };
    auto leg = std::make_unique<ClassicLeg>(shard_.context, std::make_unique<test::MemoryStream>(peer.connection),
                                            std::move(state));
    gate_.spawn(shard_.context.executor(), [](ClassicLeg& l) -> awaitable<void> { co_await l.handshake(); }(*leg));
    if (!said.empty()) peer.connection->peer_sends(said);
    shard_.run();
    peer.connection->peer_closes();
    shard_.run();
    leg.reset();
    EXPECT_EQ(given_back, said.empty() ? 1 : 0) << said;
  }
}

}  // namespace
}  // namespace parley
