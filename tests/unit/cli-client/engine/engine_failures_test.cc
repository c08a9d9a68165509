#include "protocol/chat/record.h"
#include "tests/unit/cli-client/engine/engine_fixture.h"

namespace parley::client {
namespace {

using relay::Departure;
using relay::ErrorCode;
using relay::FrameType;
using relay::PeerLeft;

class EngineFailures : public EngineTest {
 protected:
  // On the first connection, ever, or on one after that.
  void fail(FaultKind kind, bool first) {
    start();
    if (!first) {
      wait_in_room();
      wire().end(FaultKind::lost);
      step();
      dial_again();
    }
    wire().end(kind, "what happened");
    wire().fault->pin = Pin{std::byte{1}};
    step();
  }
  void error(ErrorCode code, std::optional<seconds> retry_after = {}) {
    say(relay::Error{code, "its words", retry_after});
  }
};

TEST_F(EngineFailures, TheFirstConnectionIsTriedOnce) {
  for (const auto kind : {FaultKind::unreachable, FaultKind::lost, FaultKind::no_relay, FaultKind::untrusted,
                          FaultKind::wrong_pin, FaultKind::refused}) {
    wires.clear();
    fail(kind, true);
    ASSERT_TRUE(over());
    EXPECT_EQ(state(), State::ended);
    EXPECT_EQ(outcome().kind, Outcome::Kind::failed);
    EXPECT_EQ(outcome().text, "what happened");
    EXPECT_EQ(outcome().status, kind == FaultKind::refused ? ExitStatus::refused : ExitStatus::no_connection);
    EXPECT_EQ(outcome().pin.has_value(), kind != FaultKind::refused);
  }
}

TEST_F(EngineFailures, ARelayThatWasThereIsComeBackTo) {
  for (const auto kind : {FaultKind::unreachable, FaultKind::lost, FaultKind::no_relay}) {
    wires.clear();
    fail(kind, false);
    EXPECT_EQ(state(), State::reconnecting);
    EXPECT_EQ(engine->link().why, "what happened");
    run(std::chrono::hours(1));
    EXPECT_GT(wires.size(), 100U) << "without patience, for ever";
    EXPECT_LT(wires.size(), 400U) << "but seldom";
  }
}

TEST_F(EngineFailures, ARelayThatIsAnotherOneNowIsNotComeBackTo) {
  for (const auto kind : {FaultKind::untrusted, FaultKind::wrong_pin, FaultKind::refused}) {
    wires.clear();
    fail(kind, false);
    ASSERT_TRUE(over());
    EXPECT_EQ(outcome().text, "what happened");
    EXPECT_EQ(outcome().status, kind == FaultKind::refused ? ExitStatus::refused : ExitStatus::no_connection);
  }
}

TEST_F(EngineFailures, AConnectionHasATimeToOpen) {
  patience.connect = seconds(3);
  start();
  run(milliseconds(2999));
  EXPECT_FALSE(over());
  run(milliseconds(1));
  EXPECT_TRUE(over());
}

TEST_F(EngineFailures, WaitsGrowUntilAConnectionHasLastedForFiveSeconds) {
  start();
  open();
  milliseconds expected = Backoff::kShortest;
  for (int i = 0; i < 9; ++i) {
    wire().end(FaultKind::lost);
    step();
    EXPECT_EQ(wait_before_dialling(), expected);
    expected = std::min(expected * 2, Backoff::kLongest);
    dial_again();
    open();
  }
  run(seconds(5));
  wire().end(FaultKind::lost);
  step();
  EXPECT_EQ(wait_before_dialling(), Backoff::kShortest);
}

TEST_F(EngineFailures, AMeetingIsASuccessToo) {
  start();
  open();
  for (int i = 0; i < 5; ++i) {
    wire().end(FaultKind::lost);
    step();
    dial_again();
    open();
  }
  pair();
  exchange();
  wire().end(FaultKind::lost);
  step();
  EXPECT_EQ(wait_before_dialling(), Backoff::kShortest);
}

TEST_F(EngineFailures, WhatCameBeforeTheEndCounts) {
  start();
  wire().open = true;
  wire().say(relay::to_frame(relay::Error{ErrorCode::room_full, ""}));
  wire().end(FaultKind::lost);
  step();
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().status, ExitStatus::refused);
}

TEST_F(EngineFailures, ASilentRelayIsAskedAndGivenUp) {
  meet();
  wire().answers_ping = false;
  run(milliseconds(9999));
  EXPECT_EQ(wire().pings, 0);
  run(milliseconds(1));
  EXPECT_EQ(wire().pings, 1);
  run(milliseconds(9999));
  EXPECT_EQ(state(), State::together);
  run(milliseconds(1));
  EXPECT_EQ(state(), State::reconnecting);
  EXPECT_EQ(engine->link().why, "nothing comes from the relay any more");
}

TEST_F(EngineFailures, ARelayThatAnswersIsAskedAgainAndAgain) {
  meet();
  run(std::chrono::minutes(10));
  EXPECT_EQ(state(), State::together);
  EXPECT_EQ(wires.size(), 1U);
  EXPECT_EQ(wire().pings, 60);
}

TEST_F(EngineFailures, ARelayThatSaysSomethingElseIsThere) {
  meet();
  wire().answers_ping = false;
  for (int i = 0; i < 20; ++i) {
    run(seconds(9));
    wire().say(FrameType::ping, std::array<std::byte, relay::kPingBytes>{});
    step();
  }
  EXPECT_EQ(state(), State::together);
  EXPECT_EQ(wire().pings, 0);
  EXPECT_EQ(wire().hear()->type, FrameType::pong);
}

TEST_F(EngineFailures, ARelayThatAnswersPingButNotHelloIsGivenUp) {
  start();
  open();
  run(milliseconds(19'999));
  EXPECT_EQ(state(), State::connecting);
  run(milliseconds(1));
  EXPECT_EQ(state(), State::reconnecting);
}

TEST_F(EngineFailures, WaitingInTheRoomMayTakeAnyTime) {
  start();
  wait_in_room();
  run(std::chrono::hours(5));
  EXPECT_EQ(state(), State::waiting);
  EXPECT_EQ(wires.size(), 1U);
}

TEST_F(EngineFailures, WhatIsNoRelayIsGivenUp) {
  start();
  open();
  wire().say(FrameType::data, as_bytes("before PAIRED"));
  step();
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().status, ExitStatus::failed);
  EXPECT_NE(outcome().text.find("relay.example:10443 does not keep to relay/1"), std::string::npos);
}

TEST_F(EngineFailures, FinalErrorsEndIt) {
  const struct {
    ErrorCode code;
    ExitStatus status;
    bool keeps_token;
  } cases[] = {
      {ErrorCode::room_full, ExitStatus::refused, false},   {ErrorCode::ended_by_operator, ExitStatus::refused, false},
      {ErrorCode::unauthorized, ExitStatus::refused, true}, {ErrorCode::bad_frame, ExitStatus::failed, false},
      {ErrorCode::bad_hello, ExitStatus::failed, false},    {ErrorCode::unknown, ExitStatus::refused, false},
  };
  for (const auto& each : cases) {
    for (const auto told : {std::optional<seconds>(), std::optional(seconds(10))}) {
      if (each.code == ErrorCode::unknown && told) continue;
      start();
      wait_in_room();
      error(each.code, told);
      ASSERT_TRUE(over()) << relay::label(each.code);
      EXPECT_EQ(outcome().kind, Outcome::Kind::failed);
      EXPECT_EQ(outcome().status, each.status) << relay::label(each.code);
      EXPECT_EQ(engine->token().has_value(), each.keeps_token) << relay::label(each.code);
      EXPECT_TRUE(wire().dropped);
    }
  }
}

TEST_F(EngineFailures, PassingErrorsAreComeBackFrom) {
  for (const auto code :
       {ErrorCode::room_held, ErrorCode::rate_limited, ErrorCode::overloaded, ErrorCode::draining, ErrorCode::idle,
        ErrorCode::too_slow, ErrorCode::waited_too_long, ErrorCode::bad_resume, ErrorCode::unknown}) {
    for (const auto told : {std::optional<seconds>(), std::optional(seconds(10))}) {
      if (code == ErrorCode::unknown && !told) continue;
      const bool anew = code == ErrorCode::waited_too_long || code == ErrorCode::bad_resume;
      start();
      wait_in_room();
      wire().say(relay::to_frame(relay::Error{code, "its words", told}));
      engine->advance(POLLIN, now);
      EXPECT_EQ(engine->token().has_value(), !anew) << relay::label(code);
      // "Random" is the largest that there is: half of what was told.
      EXPECT_EQ(wait_before_dialling(), told   ? seconds(15)
                                        : anew ? milliseconds(0)
                                               : Backoff::kShortest)
          << relay::label(code);
      EXPECT_FALSE(engine->link().why.empty());
      dial_again();
    }
  }
}

TEST_F(EngineFailures, WhoIsToldTheSameTimeDoesNotComeBackAtTheSameTime) {
  std::vector<milliseconds> waits;
  for (unsigned chance = 0; chance < 8; ++chance) {
    random = [chance](unsigned limit) { return static_cast<unsigned>(std::uint64_t{limit - 1} * chance / 7); };
    start();
    wait_in_room();
    error(ErrorCode::draining, seconds(5));
    waits.push_back(wait_before_dialling());
  }
  EXPECT_TRUE(std::ranges::is_sorted(waits, std::less_equal<>()) || std::ranges::is_sorted(waits));
  EXPECT_EQ(std::ranges::adjacent_find(waits), waits.end());
  EXPECT_EQ(waits.front(), seconds(5)) << "never sooner than told";
  EXPECT_EQ(waits.back(), milliseconds(7500));
}

TEST_F(EngineFailures, ARefusedTokenOfAConversationIsComeBackFromWithoutIt) {
  meet();
  wire().end(FaultKind::lost);
  step();
  dial_again();
  open();
  EXPECT_EQ(hello()->resume, "paired");
  error(ErrorCode::bad_resume);
  EXPECT_EQ(state(), State::reconnecting);
  dial_again();
  open();
  EXPECT_EQ(hello()->resume, std::nullopt);
  pair();
  exchange();
  EXPECT_EQ(state(), State::together);
}

TEST_F(EngineFailures, ARefusalOfATokenThatWasNotShownEndsIt) {
  start();
  open();
  error(ErrorCode::bad_resume);
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().status, ExitStatus::refused);
}

TEST_F(EngineFailures, ARelayThatIsReplacedIsComeBackToWhenItSaid) {
  meet();
  say(relay::Goaway{"draining", milliseconds(3000)});
  EXPECT_EQ(wait_before_dialling(), milliseconds(3000));
  EXPECT_EQ(engine->token(), "paired");
  exchange();
  EXPECT_FALSE(heard(FrameType::bye));
  dial_again();
  open();
  EXPECT_EQ(hello()->resume, "paired");
}

TEST_F(EngineFailures, ARelayMayBeReplacedInAnyState) {
  const auto goes_away = [this](State expected) {
    ASSERT_EQ(state(), expected);
    say(relay::Goaway{"draining", milliseconds(3000)});
    EXPECT_EQ(wait_before_dialling(), milliseconds(3000));
    dial_again();
    EXPECT_EQ(state(), State::connecting);
  };
  start();
  open();
  goes_away(State::connecting);
  wait_in_room();
  goes_away(State::waiting);
  open();
  pair();
  goes_away(State::greeting);
  open();
  pair(true);
  say(PeerLeft{Departure::lost, seconds(60)});
  goes_away(State::partner_lost);
}

TEST_F(EngineFailures, WhatIsUnderWayGoesOutBeforeGoing) {
  meet();
  wire().takes = false;
  say_text("under way");
  say(relay::Goaway{"draining", milliseconds(3000)});
  EXPECT_EQ(state(), State::together);
  wire().takes = true;
  run(milliseconds(0));
  EXPECT_EQ(state(), State::reconnecting);
  EXPECT_EQ(wire().hear()->type, FrameType::data);
}

TEST_F(EngineFailures, WhateverEndsItAfterGoawayNobodyComesBackSooner) {
  const auto goes_away = [this](auto&& end) {
    meet();
    wire().takes = false;
    say_text("under way");
    say(relay::Goaway{"draining", seconds(30)});
    end();
    step();
    EXPECT_EQ(wait_before_dialling(), seconds(30));
  };
  goes_away([this] { wire().end(FaultKind::lost); });
  goes_away([this] { error(ErrorCode::draining, seconds(5)); });
  goes_away([this] { error(ErrorCode::idle); });
}

TEST_F(EngineFailures, APartnerThatDoesNotGreetIsGivenUp) {
  for (const bool secret : {false, true}) {
    meeting.key = secret ? std::optional(key_of(meeting.room)) : std::nullopt;
    start();
    open();
    pair();
    run(milliseconds(9999));
    EXPECT_EQ(state(), State::greeting);
    run(milliseconds(1));
    EXPECT_EQ(state(), State::reconnecting);
    EXPECT_EQ(engine->link().why, "the other side does not answer");
  }
}

TEST_F(EngineFailures, WhatIsNotAcknowledgedIsSentAgainAfterLongerAndLongerTimes) {
  meet();
  say_text("into the void");
  step();
  seconds expected{20};
  for (int i = 0; i < 8; ++i) {
    run(expected - milliseconds(1));
    EXPECT_EQ(state(), State::together);
    run(milliseconds(1));
    EXPECT_EQ(state(), State::reconnecting) << expected.count();
    expected = std::min(expected * 2, seconds(600));
    dial_again();
    open();
    partner_stream->stop();
    pair(true);
    // The greeting only: what comes behind it is lost.
    step();
    auto hello = wire().hear();
    while (hello && hello->type != FrameType::data) hello = wire().hear();
    ASSERT_TRUE(hello);
    (void)partner_stream->receive(as_bytes(hello->payload), now);
    Bytes out;
    partner_stream->write(out, 16 * 1024, now);
    wire().say(FrameType::data, out);
    step();
    ASSERT_EQ(state(), State::together);
  }
}

TEST_F(EngineFailures, ProgressMakesPatienceWithThePartnerShortAgain) {
  meet();
  say_text("one");
  run(seconds(20));
  ASSERT_EQ(state(), State::reconnecting);
  dial_again();
  open();
  partner_stream->stop();
  pair(true);
  exchange();
  while (const auto event = partner->next_event()) {
    if (const auto* message = std::get_if<chat::Message>(&*event)) partner->taken(message->id, now);
  }
  now += chat::kAckDelay;
  partner->advance(now);
  exchange();
  ASSERT_EQ(engine->conversation().unacknowledged_bytes(), 0U);
  say_text("two");
  step();
  run(milliseconds(19'999));
  EXPECT_EQ(state(), State::together);
  run(milliseconds(1));
  EXPECT_EQ(state(), State::reconnecting);
}

TEST_F(EngineFailures, WhatIsDamagedOnTheWayIsComeBackFrom) {
  meeting.key = key_of(meeting.room);
  meet();
  wire().say(FrameType::data, as_bytes("not what the other side sent"));
  step();
  EXPECT_EQ(state(), State::reconnecting);
  EXPECT_EQ(engine->link().why, "what came was damaged on the way");
  EXPECT_EQ(wire().hear()->type, FrameType::data) << "an alert";
  dial_again();
  open();
  pair(true);
  exchange();
  EXPECT_EQ(state(), State::together);
}

TEST_F(EngineFailures, AnotherSecretIsBelievedTheThirdTime) {
  meeting.key = key_of(meeting.room);
  start();
  for (int i = 0; i < 3; ++i) {
    ASSERT_FALSE(over());
    if (i > 0) dial_again();
    open();
    partner_stream = std::make_unique<PartnerStream>(*partner, key_of("another room"));
    pair();
    exchange();
  }
  EXPECT_EQ(state(), State::leaving);
  EXPECT_TRUE(heard(FrameType::bye));
  run(seconds(2));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().status, ExitStatus::refused);
  EXPECT_NE(outcome().text.find("another invite"), std::string::npos);
}

TEST_F(EngineFailures, AGreetingDamagedTwiceIsNoOtherSecret) {
  meeting.key = key_of(meeting.room);
  meet();
  for (int i = 0; i < 6; ++i) {
    wire().end(FaultKind::lost);
    step();
    dial_again();
    open();
    const bool damaged = i % 3 != 2;
    partner_stream = std::make_unique<PartnerStream>(*partner, key_of(damaged ? "another room" : meeting.room));
    pair(true);
    exchange();
    ASSERT_EQ(state(), damaged ? State::reconnecting : State::together);
    if (damaged) {
      dial_again();
      open();
    }
  }
}

TEST_F(EngineFailures, AStreamThatThePartnerClosedWaitsForTheRelaysWord) {
  meeting.key = key_of(meeting.room);
  meet();
  partner_stream->close();
  exchange();
  EXPECT_EQ(engine->verify_text(), "");
  say_text("not to be said in the clear");
  exchange();
  EXPECT_TRUE(frames.empty());
  run(milliseconds(9999));
  EXPECT_EQ(wires.size(), 1U);
  run(milliseconds(1));
  EXPECT_EQ(state(), State::reconnecting);
}

TEST_F(EngineFailures, ThePartnersBreachOfChatEndsItAndItIsTold) {
  meet();
  Bytes gap;
  chat::append_record(gap, {chat::Type::text, 7, as_bytes("seven")});
  wire().say(FrameType::data, gap);
  exchange();
  EXPECT_TRUE(heard(FrameType::bye));
  take_all();
  run(seconds(2));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::failed);
  EXPECT_EQ(outcome().status, ExitStatus::failed);
  EXPECT_NE(outcome().text.find("does not keep to chat/1"), std::string::npos);
}

TEST_F(EngineFailures, ARelayThatSendsBackWhatItIsSentIsNoticed) {
  start();
  open();
  pair();
  step();
  auto frame = wire().hear();
  while (frame && frame->type != FrameType::data) frame = wire().hear();
  ASSERT_TRUE(frame);
  wire().say(FrameType::data, as_bytes(frame->payload));
  run(seconds(2));
  ASSERT_TRUE(over());
  EXPECT_NE(outcome().text.find("sends back what it is sent"), std::string::npos);
}

TEST_F(EngineFailures, APartnerOfAnotherVersionIsRefused) {
  start();
  open();
  pair();
  Bytes hello;
  chat::append_record(
      hello, {chat::Type::hello, 0, as_bytes(R"({"protocol":"chat/2","conversation":"AAAAAAAAAAAAAAAAAAAAAA"})")});
  wire().say(FrameType::data, hello);
  run(seconds(2));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().status, ExitStatus::refused);
  EXPECT_NE(outcome().text.find("another version"), std::string::npos);
}

}  // namespace
}  // namespace parley::client
