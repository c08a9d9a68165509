#include "service/session/leg_writer.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "service/session/pacer.h"
#include "tests/support/allocations.h"
#include "tests/support/classic_fixture.h"

namespace parley {
namespace {

using namespace std::chrono_literals;

constexpr LegWriter::Manner kHoldsToLimit{Protocol::classic, EndReason::peer_reset, true};
constexpr LegWriter::Manner kHoldsNothing{Protocol::relay, EndReason::lost, false};

// Takes whatever it is given, as TLS does, and holds what the connection does not take.
class HoldingStream final : public Stream {
 public:
  explicit HoldingStream(std::shared_ptr<test::MemoryConnection> connection) : below_(std::move(connection)) {}

  IoResult read_some(std::span<std::byte> into) override { return below_.read_some(into); }
  IoResult write_some(std::span<const std::byte> from) override {
    if (!unsent_.empty()) {
      const IoResult sent = below_.write_some(unsent_.front());
      if (sent.status != IoStatus::ok) return sent;
      unsent_.drop_front(sent.bytes);
      if (!unsent_.empty()) return {IoStatus::would_block, 0};
    }
    if (from.empty()) return {IoStatus::ok, 0};
    const IoResult sent = below_.write_some(from);
    if (sent.status == IoStatus::failed) return sent;
    if (sent.bytes < from.size()) unsent_.append(from.subspan(sent.bytes));
    return {IoStatus::ok, from.size()};
  }
  std::size_t unsent() const override { return unsent_.size(); }
  // As an alert that the socket did not take.
  void hold(std::string_view alert) { unsent_.append(std::as_bytes(std::span(alert))); }
  awaitable<void> wait(Ready what) override { return below_.wait(what); }
  void cancel() override { below_.cancel(); }
  bool peer_gone() override { return below_.peer_gone(); }
  void shutdown_send() override { below_.shutdown_send(); }
  void close() override { below_.close(); }
  void reset() override { below_.reset(); }
  void leave() override {}
  void enter(Poller&, Scratch&) override {}
  void cut() override { below_.cut(); }
  std::optional<std::chrono::microseconds> round_trip() const override { return std::nullopt; }

 private:
  test::MemoryStream below_;
  ByteQueue unsent_;
};

// A writer as a leg has it, on a shard without threads, and the client that reads or does not.
class LegWriterTest : public ::testing::Test {
 protected:
  ~LegWriterTest() override {
    if (!writer_) return;
    writer_->end();
    stream_->close();
    EXPECT_TRUE(gate_.spawn(shard_.context.executor(), writer_->close()));
    shard_.run();
    EXPECT_EQ(gate_.inside(), 0u);
    EXPECT_TRUE(writer_->idle());
    writer_.reset();
    EXPECT_EQ(held_in_all(), 0u);
  }

  void make(LegWriter::Manner manner, std::unique_ptr<Stream> stream, Pacer* pacer = nullptr) {
    protocol_ = manner.protocol;
    stream_ = std::move(stream);
    writer_ = std::make_unique<LegWriter>(
        shard_.context, manner, *stream_, woken_, bytes_out_,
        [this](EndReason reason) {
          EXPECT_EQ(ended_, std::nullopt) << "told once";
          ended_ = reason;
          stream_->close();
        },
        pacer);
    writer_->join(room_);
  }
  void make(LegWriter::Manner manner = kHoldsToLimit) { make(manner, std::make_unique<test::MemoryStream>(client_)); }
  void make_holding() { make(kHoldsNothing, std::make_unique<HoldingStream>(client_)); }

  void send(std::string_view text, std::size_t messages = 1) {
    writer_->send(std::as_bytes(std::span(text)), shard_.clock.now(), messages);
    shard_.run();
  }
  std::string taken() {
    const auto bytes = client_->peer_takes();
    shard_.run();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  // Whether a coroutine that waits for the session's event is woken, now or by what came before.
  bool room_notified() { return notified(room_); }
  bool notified(Event& event) {
    bool woken = false;
    gate_.spawn(shard_.context.executor(), [](Event& e, bool& was_woken) -> awaitable<void> {
      co_await e.wait();
      was_woken = true;
    }(event, woken));
    shard_.run();
    const bool result = woken;
    event.notify();  // so that nothing waits any more
    shard_.run();
    event.clear();
    return result;
  }
  ProtocolCounters& counters() { return shard_.context.counters.of(protocol_); }
  std::uint64_t held_in_all() { return shard_.context.counters.buffered_bytes.get(); }
  std::uint64_t messages_delivered() { return counters().relay_seconds.snapshot().count(); }

  test::FakeShard shard_;
  std::shared_ptr<test::MemoryConnection> client_ = std::make_shared<test::MemoryConnection>();
  std::unique_ptr<Stream> stream_;
  Event woken_;
  Event room_;
  std::uint64_t bytes_out_ = 0;
  std::optional<EndReason> ended_;
  Gate gate_;
  std::unique_ptr<LegWriter> writer_;

 private:
  Protocol protocol_ = Protocol::classic;
};

TEST_F(LegWriterTest, SendsAtOnceWhatTheClientTakes) {
  make();
  send("hello");
  EXPECT_EQ(client_->writes, std::vector<std::size_t>{5});
  EXPECT_EQ(taken(), "hello");
  EXPECT_EQ(writer_->held(), 0u);
  EXPECT_EQ(held_in_all(), 0u);
  EXPECT_EQ(bytes_out_, 5u);
  EXPECT_EQ(counters().bytes_out_total.get(), 5u);
  EXPECT_EQ(messages_delivered(), 1u);
  EXPECT_TRUE(writer_->idle());
}

TEST_F(LegWriterTest, SendsWhatIsMadeInPlace) {
  make();
  std::ranges::copy(std::as_bytes(std::span("made", 4)), writer_->extend(4).begin());
  writer_->end_message(shard_.clock.now());
  EXPECT_EQ(taken(), "");
  writer_->flush();
  EXPECT_EQ(taken(), "made");
  EXPECT_EQ(messages_delivered(), 1u);
}

TEST_F(LegWriterTest, TheRelaysOwnWordsAreNoMessages) {
  make();
  send("words", 0);
  EXPECT_EQ(taken(), "words");
  EXPECT_EQ(messages_delivered(), 0u);
}

TEST_F(LegWriterTest, HoldsWhatTheClientDoesNotTakeAndSendsItInOrder) {
  make();
  client_->window = 4;
  send("abcdef");
  send("ghi");
  EXPECT_EQ(writer_->held(), 5u);
  EXPECT_EQ(held_in_all(), 5u);
  EXPECT_EQ(bytes_out_, 4u);
  EXPECT_EQ(messages_delivered(), 0u);
  EXPECT_EQ(taken(), "abcd");
  EXPECT_EQ(messages_delivered(), 1u);
  EXPECT_EQ(taken(), "efgh");
  EXPECT_EQ(writer_->times_emptied(), 1u);
  EXPECT_EQ(taken(), "i");
  EXPECT_EQ(messages_delivered(), 2u);
  EXPECT_EQ(held_in_all(), 0u);
  EXPECT_EQ(bytes_out_, 9u);
  EXPECT_EQ(counters().bytes_out_total.get(), 9u) << "each once, when it is sent";
  EXPECT_TRUE(writer_->idle());
}

TEST_F(LegWriterTest, IsNotTriedAgainBeforeItIsWritable) {
  make();
  client_->window = 1;
  send("ab");
  client_->writes.clear();
  client_->window = 100;  // as the client reads, but has not said so yet
  send("cd");
  EXPECT_TRUE(client_->writes.empty());
  EXPECT_EQ(taken(), "a");
  EXPECT_EQ(taken(), "bcd");
}

TEST_F(LegWriterTest, IsFullAboveTheLimitOnly) {
  shard_.context.limits.buffer_limit = 4;
  make();
  client_->window = 0;
  send("abcd");
  EXPECT_FALSE(writer_->full());
  send("e");
  EXPECT_TRUE(writer_->full());
  shard_.context.limits.buffer_limit = 0;
  EXPECT_FALSE(writer_->full()) << "no limit";
}

TEST_F(LegWriterTest, IsFullAsSoonAsAnythingIsHeld) {
  make(kHoldsNothing);
  client_->window = 3;
  send("abc");
  EXPECT_FALSE(writer_->full());
  send("d");
  EXPECT_TRUE(writer_->full());
  taken();
  EXPECT_FALSE(writer_->full());
}

TEST_F(LegWriterTest, TellsTheSessionWhenThereIsRoomAgain) {
  shard_.context.limits.buffer_limit = 4;
  make();
  client_->window = 2;
  send("0123456789");  // 8 bytes held
  EXPECT_FALSE(room_notified());
  taken();
  EXPECT_FALSE(room_notified()) << "still full";
  taken();
  EXPECT_FALSE(writer_->full());
  EXPECT_TRUE(room_notified());
  taken();
  EXPECT_TRUE(notified(woken_)) << "and the leg, as some wait for the last byte";
}

TEST_F(LegWriterTest, WhatTheStreamHoldsCountsToo) {
  make_holding();
  client_->window = 2;
  send("abcde");
  EXPECT_EQ(writer_->queued(), 0u);
  EXPECT_EQ(writer_->held(), 3u);
  EXPECT_TRUE(writer_->full());
  EXPECT_EQ(held_in_all(), 3u);
  send("f", 0);
  EXPECT_EQ(writer_->queued(), 1u);
  EXPECT_EQ(held_in_all(), 4u);
  EXPECT_EQ(messages_delivered(), 0u);
  EXPECT_EQ(taken(), "ab");
  EXPECT_FALSE(room_notified());
  EXPECT_EQ(taken(), "cd");
  EXPECT_EQ(taken(), "ef");
  EXPECT_TRUE(room_notified());
  EXPECT_EQ(messages_delivered(), 1u);
  EXPECT_EQ(held_in_all(), 0u);
}

TEST_F(LegWriterTest, ReturnsOnceEverythingIsSent) {
  make_holding();
  client_->window = 2;
  send("abc");
  bool sent = false;
  gate_.spawn(shard_.context.executor(), [](LegWriter& writer, bool& is_sent) -> awaitable<void> {
    co_await writer.wait_sent();
    is_sent = true;
  }(*writer_, sent));
  shard_.run();
  EXPECT_FALSE(sent);
  taken();
  EXPECT_TRUE(sent);
}

// It would be waited for without end, and without a deadline.
TEST_F(LegWriterTest, WhatTheStreamHoldsOfItsOwnIsSentOrTooSlowToo) {
  for (const bool takes : {true, false}) {
    SCOPED_TRACE(takes);
    client_ = std::make_shared<test::MemoryConnection>();
    make_holding();
    client_->window = takes ? 100 : 0;
    static_cast<HoldingStream&>(*stream_).hold("alert");
    bool sent = false;
    gate_.spawn(shard_.context.executor(), [](LegWriter& writer, bool& is_sent) -> awaitable<void> {
      co_await writer.wait_sent();
      is_sent = true;
    }(*writer_, sent));
    shard_.run();
    EXPECT_EQ(sent, takes);
    shard_.advance(31s);
    EXPECT_TRUE(sent);
    EXPECT_EQ(ended_.has_value(), !takes);
    EXPECT_EQ(taken(), takes ? "alert" : "");
  }
}

TEST_F(LegWriterTest, AClientThatTakesNothingIsTooSlow) {
  make();
  client_->window = 1;
  send("ab");
  shard_.advance(29s);
  EXPECT_EQ(ended_, std::nullopt);
  shard_.advance(1100ms);
  EXPECT_EQ(ended_, EndReason::too_slow);
  EXPECT_EQ(counters().dropped_bytes_total.get(), 1u);
  EXPECT_EQ(held_in_all(), 0u);
}

// Neither what is sent to it nor a wake-up without room is progress.
TEST_F(LegWriterTest, NothingButProgressGivesItMoreTime) {
  for (const bool holding : {false, true}) {
    SCOPED_TRACE(holding);
    if (writer_) {
      gate_.spawn(shard_.context.executor(), writer_->close());
      shard_.run();
      client_ = std::make_shared<test::MemoryConnection>();
      ended_.reset();
    }
    holding ? make_holding() : make();
    client_->window = 1;
    send("ab");
    for (int i = 0; i < 29; ++i) {
      shard_.advance(1s);
      send("more");
      client_->writable.notify();
      shard_.run();
    }
    EXPECT_EQ(ended_, std::nullopt);
    shard_.advance(1100ms);
    EXPECT_EQ(ended_, EndReason::too_slow);
  }
}

TEST_F(LegWriterTest, AClientThatIsSlowButReadsIsNotCut) {
  for (const bool holding : {false, true}) {
    SCOPED_TRACE(holding);
    if (writer_) {
      writer_->end();
      gate_.spawn(shard_.context.executor(), writer_->close());
      shard_.run();
      client_ = std::make_shared<test::MemoryConnection>();
    }
    holding ? make_holding() : make();
    client_->window = 1;
    send(std::string(50, 'x'));
    for (int i = 0; i < 49; ++i) {
      shard_.advance(29s);
      EXPECT_EQ(taken(), "x");
    }
    EXPECT_EQ(ended_, std::nullopt);
    EXPECT_EQ(writer_->held(), 0u);
    shard_.advance(1h);
    EXPECT_EQ(ended_, std::nullopt) << "there is nothing more to take";
    taken();
  }
}

TEST_F(LegWriterTest, TheTimeCountsFromTheLastProgress) {
  make();
  client_->window = 1;
  send("abc");
  shard_.advance(20s);
  taken();
  shard_.advance(29s);
  EXPECT_EQ(ended_, std::nullopt);
  shard_.advance(1100ms);
  EXPECT_EQ(ended_, EndReason::too_slow);
}

// As after a reload: it is not cut by a shorter deadline that it was not told of, and the next time counts anew.
TEST_F(LegWriterTest, AnotherWriteDeadlineHoldsFromTheNextTimeOn) {
  make();
  client_->window = 1;
  send("abcd");
  shard_.context.deadlines.write = 5s;
  taken();
  shard_.advance(29s);
  EXPECT_EQ(ended_, std::nullopt);
  client_->window = 100;
  taken();
  EXPECT_EQ(writer_->held(), 0u);
  client_->window = 0;
  send("e");
  shard_.advance(5s + DeadlineWheel::kTick);
  EXPECT_EQ(ended_, EndReason::too_slow);
}

TEST_F(LegWriterTest, WithoutAWriteDeadlineAClientMayTakeAsLongAsItLikes) {
  shard_.context.deadlines.write = 0ms;
  make();
  client_->window = 1;
  send("abc");
  shard_.advance(24h);
  taken();
  shard_.advance(24h);
  EXPECT_EQ(ended_, std::nullopt);
}

TEST_F(LegWriterTest, ABrokenConnectionIsToldInTheProtocolsWord) {
  make();
  client_->broken = true;
  send("x");
  EXPECT_EQ(ended_, EndReason::peer_reset);
  send("y");
  EXPECT_EQ(counters().bytes_out_total.get(), 0u);
}

TEST_F(LegWriterTest, ABreakIsNoticedWhileItWaitsToo) {
  make(kHoldsNothing);
  client_->window = 1;
  send("abc");
  client_->connection_breaks();
  shard_.run();
  EXPECT_EQ(ended_, EndReason::lost);
  EXPECT_EQ(counters().dropped_bytes_total.get(), 2u);
  EXPECT_TRUE(room_notified());
  EXPECT_TRUE(writer_->idle());
}

TEST_F(LegWriterTest, SendsNothingAfterTheEnd) {
  make();
  client_->window = 2;
  send("abcd");
  writer_->end();
  EXPECT_EQ(held_in_all(), 0u);
  EXPECT_EQ(counters().dropped_bytes_total.get(), 2u);
  EXPECT_TRUE(room_notified());
  client_->window = 100;
  EXPECT_EQ(taken(), "ab");
  send("ef");
  writer_->flush();
  shard_.advance(1min);
  EXPECT_EQ(taken(), "");
  EXPECT_EQ(ended_, std::nullopt) << "the leg has ended it, and need not be told";
  EXPECT_EQ(bytes_out_, 2u);
  writer_->end();
  EXPECT_EQ(counters().dropped_bytes_total.get(), 2u) << "counted once";
}

TEST_F(LegWriterTest, CloseWaitsForWhatIsWaitingForTheClient) {
  make();
  client_->window = 1;
  send("ab");
  EXPECT_FALSE(writer_->idle());
  writer_->end();
  bool closed = false;
  gate_.spawn(shard_.context.executor(), [](LegWriter& writer, bool& is_closed) -> awaitable<void> {
    co_await writer.close();
    is_closed = true;
  }(*writer_, closed));
  shard_.run();
  EXPECT_FALSE(closed);
  stream_->close();
  shard_.run();
  EXPECT_TRUE(closed);
}

TEST_F(LegWriterTest, AMessageThatIsTakenAtOnceAllocatesNothing) {
  make(kHoldsNothing);
  client_->to_peer.reserve(1000);
  client_->writes.reserve(100);
  const std::string text = "message";
  const test::Allocations before;
  for (int i = 0; i < 10; ++i) writer_->send(std::as_bytes(std::span(text)), shard_.clock.now(), 1);
  EXPECT_EQ(before.count(), 0u);
}

TEST_F(LegWriterTest, SendsWhatItsPacerLetsOut) {
  const auto key = classic::PublicKey::from_pem(test::test_key(512)->public_pem());
  ASSERT_TRUE(key);
  const std::size_t block = key->block_bytes();
  Pacer::Turn turn;
  Pacer pacer(shard_.context, turn, [this] { writer_->flush(); });
  make(kHoldsToLimit, std::make_unique<test::MemoryStream>(client_), &pacer);
  pacer.start(*key);
  client_->window = block / 2;
  send(std::string(3 * block, 'x'));
  EXPECT_EQ(taken().size(), block / 2);
  EXPECT_EQ(taken().size(), block / 2) << "the rest of it follows at once";
  EXPECT_TRUE(taken().empty()) << "but no more";
  shard_.advance(Pacer::kPace + DeadlineWheel::kTick);
  EXPECT_EQ(taken().size(), block / 2);
  EXPECT_EQ(taken().size(), block / 2);
  EXPECT_EQ(ended_, std::nullopt);
  EXPECT_EQ(held_in_all(), block);
  shard_.advance(60s);
  EXPECT_EQ(ended_, std::nullopt) << "it has had nothing to take for most of that time";
  EXPECT_EQ(held_in_all(), block / 2);
  shard_.advance(30s + DeadlineWheel::kTick);
  EXPECT_EQ(ended_, EndReason::too_slow);
  gate_.spawn(shard_.context.executor(), writer_->close());
  shard_.run();
  writer_.reset();
}

}  // namespace
}  // namespace parley
