#include "cli-client/engine/wait.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "tests/unit/cli-client/engine/engine_fixture.h"
#include "tests/unit/cli-client/engine/memory_wire.h"

namespace parley::client {
namespace {

// A connection that can be polled, to a relay that is open from the start.
class PipedConnection final : public Connection {
 public:
  PipedConnection(int end, std::shared_ptr<Wire> wire) : end_(end), memory_(std::move(wire)) {}
  State state() const override { return memory_.state(); }
  const std::optional<Reached>& reached() const override { return memory_.reached(); }
  const ConnectionFault& fault() const override { return memory_.fault(); }
  pollfd wanted() const override { return {end_, POLLIN, 0}; }
  std::optional<TimePoint> deadline() const override { return memory_.deadline(); }
  void advance(short events, TimePoint now) override { memory_.advance(events, now); }
  Bytes& received() override { return memory_.received(); }
  TimePoint last_heard() const override { return memory_.last_heard(); }
  void send(ByteView bytes) override { memory_.send(bytes); }
  std::size_t unsent() const override { return memory_.unsent(); }
  std::size_t undelivered() const override { return 0; }
  void finish() override { memory_.finish(); }

 private:
  int end_;
  MemoryConnection memory_;
};

class Wait : public testing::Test {
 protected:
  Descriptor read_end, write_end;
  std::shared_ptr<Wire> wire = std::make_shared<Wire>();
  // Begun this long ago; nobody has looked since.
  std::unique_ptr<Engine> engine_since(std::chrono::seconds ago) {
    int ends[2];
    if (::pipe(ends) != 0) ADD_FAILURE() << "pipe";
    read_end = Descriptor(ends[0]);
    write_end = Descriptor(ends[1]);
    wire->open = true;
    const Dial dial = [this](const Endpoint&, std::chrono::milliseconds timeout, TimePoint now) {
      wire->dialled_at = now;
      wire->timeout = timeout;
      return std::make_unique<PipedConnection>(read_end.get(), wire);
    };
    const auto begun = Clock::now() - ago;
    const Meeting meeting{{"relay.example", 10443}, "lounge", {}, {}, {}};
    auto engine = std::make_unique<Engine>(meeting, World{dial}, Patience{}, chat::Conversation::Options{}, begun);
    engine->advance(0, begun);
    return engine;
  }
  void say(const std::string& frame) {
    wire->say(frame);
    ASSERT_EQ(::write(write_end.get(), "!", 1), 1);
  }
};

TEST_F(Wait, WhoWasStoppedReadsBeforeItTakesTheRelayForGone) {
  const auto engine = engine_since(std::chrono::seconds(70));
  engine->advance(0, Clock::now() - std::chrono::seconds(60));
  EXPECT_EQ(wire->pings, 1);
  say(relay::to_frame(relay::Waiting{{}, "token"}));
  wait(*engine, {});
  EXPECT_EQ(engine->link().state, Link::State::waiting);
}

TEST_F(Wait, OthersAreSeenThoughTheEngineHasNews) {
  const auto engine = engine_since(std::chrono::seconds(0));
  say(relay::to_frame(relay::Waiting{{}, "token"}));
  pollfd other{write_end.get(), POLLOUT, 0};
  wait(*engine, std::span(&other, 1));
  EXPECT_EQ(engine->link().state, Link::State::waiting);
  EXPECT_EQ(other.revents, POLLOUT);
}

TEST_F(Wait, EndsAtItsDeadline) {
  const auto engine = engine_since(std::chrono::seconds(0));
  const auto deadline = Clock::now() + std::chrono::milliseconds(20);
  wait(*engine, {}, deadline);
  EXPECT_GE(Clock::now(), deadline);
}

using WaitTogether = EngineTest;

TEST_F(WaitTogether, WhatTheProgramHasSaidGoesOutBeforeItWaits) {
  now = Clock::now();
  meet();
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Descriptor read_end(ends[0]), write_end(ends[1]);
  wire().on_taken = [&] { EXPECT_EQ(::write(write_end.get(), "!", 1), 1); };
  say_text("now");
  pollfd heard{read_end.get(), POLLIN, 0};
  wait(*engine, std::span(&heard, 1), std::nullopt);
  EXPECT_EQ(heard.revents, POLLIN) << "it had waited before";
}

}  // namespace
}  // namespace parley::client
