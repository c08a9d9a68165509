#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "cli-client/engine/engine.h"
#include "protocol/chat/errc.h"
#include "protocol/chat/psk.h"
#include "tests/unit/cli-client/engine/memory_wire.h"

namespace parley::client {

// An engine, the relay that it has dialled, and the partner there, on a clock that only the test moves. Waits are the
// longest that chance may bring, unless `random` is another.
class EngineTest : public testing::Test {
 protected:
  using milliseconds = std::chrono::milliseconds;
  using seconds = std::chrono::seconds;
  using State = Link::State;
  using FaultKind = ConnectionFault::Kind;

  static chat::Psk key_of(const std::string& room) { return chat::derive_psk(chat::Secret{}, room); }

  Meeting meeting{{"relay.example", 10443}, "lounge", {}, {}, {}};
  Patience patience;
  Random random = [](unsigned limit) { return limit - 1; };
  TimePoint now{std::chrono::hours(1)};
  std::vector<std::shared_ptr<Wire>> wires;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<chat::Conversation> partner;
  std::unique_ptr<PartnerStream> partner_stream;

  void start() {
    engine = std::make_unique<Engine>(meeting, World{over_memory(wires), random}, patience,
                                      chat::Conversation::Options{"us", {}}, now);
    partner = std::make_unique<chat::Conversation>(chat::Conversation::Options{"Ada", {}});
    partner_stream = std::make_unique<PartnerStream>(*partner, meeting.key);
  }

  Wire& wire() { return *wires.back(); }
  State state() const { return engine->link().state; }
  const Outcome& outcome() const { return *engine->outcome(); }
  bool over() const { return engine->outcome().has_value(); }

  // Lets the engine do what there is to do at this moment.
  void step() {
    for (int turn = 0; turn < 3; ++turn) engine->advance(wire().ready(engine->wanted().events), now);
  }
  // Time passes, and the engine is called when it has asked for it, as by a loop over poll(2).
  void run(milliseconds time) {
    const TimePoint end = now + time;
    int at_once = 0;
    for (;;) {
      step();
      const auto at = engine->deadline();
      if (!at || *at > end) break;
      at_once = *at <= now ? at_once + 1 : 0;
      ASSERT_LT(at_once, 100) << "it asks to be called at once, for ever";
      now = std::max(now, *at);
    }
    now = end;
    step();
  }
  // How long until the engine dials again; it must be waiting to.
  milliseconds wait_before_dialling() {
    EXPECT_EQ(state(), State::reconnecting) << engine->link().why;
    return std::chrono::duration_cast<milliseconds>(engine->link().retry_at.value_or(now) - now);
  }
  void dial_again() {
    const auto before = wires.size();
    run(wait_before_dialling());
    ASSERT_EQ(wires.size(), before + 1);
  }

  void open() {
    wire().open = true;
    step();
  }
  std::optional<relay::Hello> hello() {
    const auto frame = wire().hear();
    if (!frame || frame->type != relay::FrameType::hello) return std::nullopt;
    auto hello = relay::parse_hello(as_bytes(frame->payload));
    return hello ? std::optional(*hello) : std::nullopt;
  }
  template <class Control>
  void say(const Control& control) {
    wire().say(relay::to_frame(control));
    step();
  }
  void wait_in_room(const std::string& token = "waiting") {
    open();
    say(relay::Waiting{{}, token});
  }
  void pair(bool resumed = false, const std::string& token = "paired") {
    say(relay::Paired{"session", relay::Role::second, token, resumed, seconds(60)});
    partner_stream->start(relay::Role::first);
  }
  // Until all is said at this moment. DATA goes to the partner, what else came is in `frames`.
  void exchange() {
    for (int turn = 0; turn < 10; ++turn) {
      step();
      while (const auto frame = wire().hear()) {
        if (frame->type == relay::FrameType::data) {
          if (const auto error = partner_stream->receive(as_bytes(frame->payload), now)) stream_end = error;
        } else {
          frames.push_back(frame->type);
        }
      }
      Bytes out;
      partner_stream->write(out, 16 * 1024, now);
      if (!out.empty()) wire().say(relay::FrameType::data, out);
    }
  }
  std::vector<relay::FrameType> frames;
  std::error_code stream_end;  // as the partner's inner TLS has it
  bool heard(relay::FrameType type) const { return std::find(frames.begin(), frames.end(), type) != frames.end(); }

  void meet() {
    start();
    open();
    pair();
    exchange();
    ASSERT_EQ(state(), State::together);
    frames.clear();
  }
  void take_all() {
    while (const auto event = engine->next_event()) {
      if (const auto* message = std::get_if<chat::Message>(&*event)) {
        texts.emplace_back(as_text(message->body));
        engine->taken(message->id, now);
      }
    }
  }
  std::vector<std::string> texts;  // that were taken
  static Bytes text(const std::string& words) {
    const auto bytes = as_bytes(words);
    return {bytes.begin(), bytes.end()};
  }
  void say_text(const std::string& words) { engine->conversation().send(chat::Type::text, text(words)); }
};

}  // namespace parley::client
