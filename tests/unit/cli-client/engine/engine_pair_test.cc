#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "cli-client/engine/engine.h"
#include "protocol/chat/psk.h"
#include "tests/unit/cli-client/engine/memory_relay.h"

namespace parley::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

chat::Psk key(const std::string& room) { return chat::derive_psk(chat::Secret{}, room); }

// Two engines and a relay, all in memory, with the inner TLS that there really is.
class EnginePair : public testing::Test {
 protected:
  struct Side {
    std::unique_ptr<Engine> engine;
    std::vector<std::string> heard;
  };

  TimePoint now{std::chrono::hours(1)};
  MemoryRelay relay;
  std::mt19937 random{20};  // NOLINT: the same each time
  std::array<Side, 2> sides;

  using Key = std::optional<chat::Psk>;
  void start(const std::string& secret_of_second = "lounge") { start(key("lounge"), key(secret_of_second)); }
  void start(const Key& of_first, const Key& of_second) {
    const auto make = [&](const Key& psk) {
      const Meeting meeting{{"relay.example", 10443}, "lounge", psk, {}, {}};
      const World world{relay.dial(), [this](unsigned limit) { return static_cast<unsigned>(random()) % limit; }};
      return std::make_unique<Engine>(meeting, world, Patience{}, chat::Conversation::Options{"a side", {}}, now);
    };
    sides[0].engine = make(of_first);
    sides[1].engine = make(of_second);
  }

  void step() {
    for (int turn = 0; turn < 20; ++turn) {
      for (Side& side : sides) {
        // What is there is in the connection's hands: see MemoryConnection::advance().
        side.engine->advance(side.engine->wanted().events, now);
        while (const auto event = side.engine->next_event()) {
          const auto* message = std::get_if<chat::Message>(&*event);
          if (message == nullptr) continue;
          if (message->type == chat::Type::text) side.heard.emplace_back(as_text(message->body));
          side.engine->taken(message->id, now);
        }
      }
      if (!relay.advance()) break;
    }
  }
  void run(milliseconds time) {
    for (const TimePoint end = now + time; now < end; now += milliseconds(10)) step();
  }
  template <class Condition>
  void run_until(Condition condition, seconds most = seconds(300)) {
    for (const TimePoint end = now + most; !condition(); now += milliseconds(10)) {
      ASSERT_LT(now, end);
      step();
    }
  }
  bool together() const {
    return std::ranges::all_of(sides,
                               [](const Side& side) { return side.engine->link().state == Link::State::together; });
  }
  bool over() const {
    return std::ranges::all_of(sides, [](const Side& side) { return side.engine->outcome().has_value(); });
  }
  bool say(Side& side, const std::string& text) {
    const auto bytes = as_bytes(text);
    if (!side.engine->conversation().can_send(chat::Type::text, bytes.size())) return false;
    side.engine->conversation().send(chat::Type::text, {bytes.begin(), bytes.end()});
    return true;
  }
};

TEST_F(EnginePair, MeetAndCompareTheSameDigits) {
  start();
  run_until([&] { return together(); });
  EXPECT_NE(sides[0].engine->verify_text(), "");
  EXPECT_EQ(sides[0].engine->verify_text(), sides[1].engine->verify_text());
}

TEST_F(EnginePair, EveryMessageArrivesOnceAndInOrderWhateverBreaks) {
  constexpr std::size_t kMessages = 300;
  start();
  std::array<std::vector<std::string>, 2> said;
  int faults = 0;
  const auto all_heard = [&] {
    return sides[0].heard.size() >= said[1].size() && sides[1].heard.size() >= said[0].size() &&
           said[0].size() == kMessages && said[1].size() == kMessages;
  };
  run_until(
      [&] {
        for (unsigned i = 0; i < 2; ++i) {
          const std::string text = std::to_string(i) + ":" + std::to_string(said[i].size());
          if (said[i].size() < kMessages && random() % 4 == 0 && say(sides[i], text)) said[i].push_back(text);
        }
        const auto chance = random() % 400;
        if (chance < 8) relay.cut(static_cast<unsigned>(chance % 2));
        if (chance == 8) relay.go_away(milliseconds(500));
        faults += chance <= 8 ? 1 : 0;
        return all_heard();
      },
      seconds(3600));
  EXPECT_EQ(sides[0].heard, said[1]);
  EXPECT_EQ(sides[1].heard, said[0]);
  EXPECT_GT(faults, 20);
}

TEST_F(EnginePair, WhoLosesItsConnectionOnPurposeIsBackInItsPlaceAtOnce) {
  start();
  run_until([&] { return together(); });
  const std::string session = sides[0].engine->session();
  sides[0].engine->lose_connection(now);
  EXPECT_FALSE(together());
  const TimePoint lost_at = now;
  run_until([&] { return together(); });
  EXPECT_LE(now - lost_at, milliseconds(50)) << "it waited";
  EXPECT_EQ(sides[0].engine->session(), session);
  ASSERT_TRUE(say(sides[0], "back"));
  run_until([&] { return !sides[1].heard.empty(); });
}

TEST_F(EnginePair, ARelayThatForgotAllIsMetAtAgain) {
  start();
  run_until([&] { return together(); });
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(say(sides[0], std::to_string(i)));
    relay.restart();
    run_until([&] { return sides[1].heard.size() == static_cast<std::size_t>(i) + 1; });
  }
  EXPECT_EQ(sides[1].heard, (std::vector<std::string>{"0", "1", "2"}));
}

TEST_F(EnginePair, BothAreDone) {
  start();
  run_until([&] { return together(); });
  ASSERT_TRUE(say(sides[0], "goodbye"));
  for (Side& side : sides) side.engine->conversation().finish();
  run_until([&] { return over(); }, seconds(10));
  EXPECT_EQ(sides[1].heard, std::vector<std::string>{"goodbye"});
  for (const Side& side : sides) {
    EXPECT_EQ(side.engine->outcome()->status, ExitStatus::done) << side.engine->outcome()->text;
  }
}

TEST_F(EnginePair, OneLeavesAndTheOtherIsTold) {
  start();
  run_until([&] { return together(); });
  sides[0].engine->leave(now);
  run_until([&] { return over(); }, seconds(10));
  EXPECT_EQ(sides[0].engine->outcome()->kind, Outcome::Kind::left);
  EXPECT_EQ(sides[1].engine->outcome()->kind, Outcome::Kind::partner_gone);
}

TEST_F(EnginePair, AnInviteAndNoneDoNotFitAndBothAreTold) {
  for (const bool invited_first : {true, false}) {
    relay = MemoryRelay();
    start(invited_first ? Key(key("lounge")) : Key(), invited_first ? Key() : Key(key("lounge")));
    run_until([&] { return over(); }, seconds(10));
    const Outcome& invited = *sides[invited_first ? 0 : 1].engine->outcome();
    const Outcome& bare = *sides[invited_first ? 1 : 0].engine->outcome();
    EXPECT_EQ(invited.status, ExitStatus::refused) << invited.text;
    EXPECT_NE(invited.text.find("without the invite"), std::string::npos) << invited.text;
    EXPECT_EQ(bare.status, ExitStatus::refused) << bare.text;
    EXPECT_NE(bare.text.find("has an invite"), std::string::npos) << bare.text;
  }
}

TEST_F(EnginePair, TwoInvitesAreNotTheSame) {
  start("elsewhere");
  run_until([&] { return over(); }, seconds(60));
  for (const Side& side : sides) {
    EXPECT_EQ(side.engine->outcome()->status, ExitStatus::refused) << side.engine->outcome()->text;
    EXPECT_NE(side.engine->outcome()->text.find("another invite"), std::string::npos);
  }
}

}  // namespace
}  // namespace parley::client
