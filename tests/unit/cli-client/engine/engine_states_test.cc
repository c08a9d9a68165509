#include "tests/unit/cli-client/engine/engine_fixture.h"

namespace parley::client {
namespace {

using relay::Departure;
using relay::FrameType;
using relay::PeerLeft;

class EngineStates : public EngineTest {};

TEST_F(EngineStates, FromDiallingToTogether) {
  meeting.access = "opened";
  start();
  EXPECT_EQ(state(), State::connecting);
  EXPECT_EQ(wire().timeout, patience.connect);
  open();
  EXPECT_EQ(state(), State::connecting);
  ASSERT_TRUE(engine->relay_pin());
  const auto said = hello();
  ASSERT_TRUE(said);
  EXPECT_EQ(said->room, "lounge");
  EXPECT_EQ(said->access, "opened");
  EXPECT_EQ(said->resume, std::nullopt);
  say(relay::Waiting{{}, "token"});
  EXPECT_EQ(state(), State::waiting);
  EXPECT_EQ(engine->token(), "token");
  pair();
  EXPECT_EQ(state(), State::greeting);
  EXPECT_EQ(engine->token(), "paired");
  EXPECT_EQ(engine->session(), "session");
  exchange();
  EXPECT_EQ(state(), State::together);
  EXPECT_EQ(engine->link().partner, "Ada");
  EXPECT_TRUE(engine->link().why.empty());
}

TEST_F(EngineStates, EachChangeIsNews) {
  start();
  auto before = engine->news();
  const auto is_news = [&] { return std::exchange(before, engine->news()) != engine->news(); };
  wait_in_room();
  EXPECT_TRUE(is_news());
  pair();
  EXPECT_TRUE(is_news());
  exchange();
  EXPECT_TRUE(is_news());
  exchange();
  EXPECT_FALSE(is_news());
  say(PeerLeft{Departure::lost, seconds(60)});
  EXPECT_TRUE(is_news());
}

TEST_F(EngineStates, AKeptPlaceIsTakenBack) {
  meeting.resume = "kept";
  start();
  EXPECT_EQ(engine->token(), "kept");
  open();
  EXPECT_EQ(hello()->resume, "kept");
}

TEST_F(EngineStates, AKeptPlaceThatIsNoMoreIsLetGoAtOnceAndWithoutAWord) {
  meeting.resume = "kept";
  start();
  open();
  say(relay::Error{relay::ErrorCode::bad_resume, ""});
  EXPECT_EQ(wires.size(), 2U);
  EXPECT_EQ(state(), State::connecting);
  EXPECT_TRUE(engine->link().why.empty());
  open();
  EXPECT_EQ(hello()->resume, std::nullopt);
}

TEST_F(EngineStates, ALostPartnerIsWaitedForAndGoneOnWith) {
  meet();
  say(PeerLeft{Departure::lost, seconds(60)});
  partner_stream->stop();
  EXPECT_EQ(state(), State::partner_lost);
  say_text("said while away");
  run(seconds(55));
  EXPECT_EQ(state(), State::partner_lost);
  EXPECT_EQ(wires.size(), 1U);
  pair(true);
  EXPECT_EQ(state(), State::greeting);
  exchange();
  EXPECT_TRUE(heard(FrameType::ready));
  EXPECT_EQ(state(), State::together);
  ASSERT_TRUE(partner->next_event());  // Paired
  ASSERT_TRUE(partner->next_event());  // and again
  const auto message = partner->next_event();
  ASSERT_TRUE(message);
  EXPECT_EQ(as_text(std::get<chat::Message>(*message).body), "said while away");
}

TEST_F(EngineStates, WhatIsOnItsWayFromALostPartnerIsOfNoStream) {
  meet();
  say(PeerLeft{Departure::lost, seconds(60)});
  wire().say(FrameType::data, as_bytes("torn off"));
  run(seconds(1));
  EXPECT_EQ(state(), State::partner_lost);
  EXPECT_FALSE(over());
}

TEST_F(EngineStates, ALostConnectionIsMadeAgainAndThePlaceTakenBack) {
  meet();
  wire().end(FaultKind::lost, "the cable");
  step();
  EXPECT_EQ(state(), State::reconnecting);
  EXPECT_EQ(engine->link().why, "the cable");
  EXPECT_TRUE(wire().dropped);
  dial_again();
  EXPECT_EQ(state(), State::connecting);
  EXPECT_EQ(engine->link().why, "the cable");
  open();
  EXPECT_EQ(hello()->resume, "paired");
  pair(true, "newer");
  EXPECT_EQ(engine->token(), "newer");
  exchange();
  EXPECT_EQ(state(), State::together);
}

TEST_F(EngineStates, AUserNeedNotWaitForTheNextAttempt) {
  meet();
  engine->connect_now(now);
  EXPECT_EQ(state(), State::together) << "there is nothing to wait for";
  wire().end(FaultKind::lost, "the cable");
  step();
  ASSERT_GT(wait_before_dialling().count(), 0);
  const auto before = wires.size();
  engine->connect_now(now);
  step();
  EXPECT_EQ(state(), State::connecting);
  EXPECT_EQ(wires.size(), before + 1);
}

TEST_F(EngineStates, AReplacementNeedsNoWordThatThePartnerWasLost) {
  meet();
  say_text("before");
  partner_stream->stop();
  pair(true);
  EXPECT_EQ(state(), State::greeting);
  exchange();
  EXPECT_EQ(state(), State::together);
}

TEST_F(EngineStates, AnotherPartnerBeginsAnew) {
  meet();
  wire().end(FaultKind::lost);
  step();
  dial_again();
  partner = std::make_unique<chat::Conversation>(chat::Conversation::Options{"Bob", {}});
  partner_stream = std::make_unique<PartnerStream>(*partner, meeting.key);
  open();
  pair(false);
  exchange();
  EXPECT_EQ(state(), State::together);
  EXPECT_EQ(engine->link().partner, "Bob");
  bool restarted = false;
  while (const auto event = engine->next_event()) restarted |= std::holds_alternative<chat::Restarted>(*event);
  EXPECT_TRUE(restarted);
}

TEST_F(EngineStates, APartnerThatSaidThatItWasDoneAndLeavesIsAGoodEnd) {
  meet();
  partner->finish();
  exchange();
  take_all();
  engine->conversation().finish();
  say(PeerLeft{Departure::closed, {}});
  run(seconds(0));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::done);
  EXPECT_EQ(outcome().status, ExitStatus::done);
}

TEST_F(EngineStates, APartnerThatLeavesWhileWeHaveMoreToSayIsALoss) {
  meet();
  partner->finish();
  exchange();
  take_all();
  say(PeerLeft{Departure::closed, {}});
  run(seconds(0));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::partner_gone);
  EXPECT_EQ(outcome().status, ExitStatus::failed);
  EXPECT_EQ(outcome().text, "the other side left before it had everything");
}

TEST_F(EngineStates, APartnerThatLeavesWithoutByeIsALossThoughAllWasAcknowledged) {
  for (const bool done : {false, true}) {
    meet();
    if (done) engine->conversation().finish();
    exchange();
    while (const auto event = partner->next_event()) {
      if (const auto* message = std::get_if<chat::Message>(&*event)) partner->taken(message->id, now);
    }
    run(chat::kAckDelay);
    partner->advance(now);
    exchange();
    EXPECT_EQ(engine->conversation().bye_acknowledged(), done);
    take_all();
    say(PeerLeft{Departure::closed, {}});
    ASSERT_TRUE(over());
    EXPECT_EQ(outcome().kind, Outcome::Kind::partner_gone);
    EXPECT_EQ(outcome().status, ExitStatus::failed);
    EXPECT_NE(outcome().text.find("without saying that it was done"), std::string::npos) << outcome().text;
  }
}

TEST_F(EngineStates, WhoFailsLeavesWithoutBye) {
  meet();
  take_all();
  engine->fail("no room for this", now);
  EXPECT_EQ(state(), State::leaving);
  exchange();
  EXPECT_TRUE(heard(FrameType::bye)) << "the relay is told";
  while (const auto event = partner->next_event()) EXPECT_FALSE(std::holds_alternative<chat::Message>(*event));
  run(seconds(2));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::failed);
  EXPECT_EQ(outcome().status, ExitStatus::failed);
  EXPECT_EQ(outcome().text, "no room for this");
}

TEST_F(EngineStates, AFailureFoundInThePartnersLastWordsIsTheOutcome) {
  meet();
  take_all();
  say(PeerLeft{Departure::closed, {}});
  engine->fail("what it said is not to be taken", now);
  run(seconds(0));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().text, "what it said is not to be taken");
  // Of two failures the first is the cause of the other.
  engine->fail("another", now);
  EXPECT_EQ(outcome().text, "what it said is not to be taken");
}

TEST_F(EngineStates, WhatWasTakenIsAcknowledgedBeforeLeaving) {
  meet();
  partner->send(chat::Type::stream, text("taken"));  // whose acknowledgement else waits for more
  exchange();
  take_all();
  EXPECT_GT(partner->unacknowledged_bytes(), 0U);
  engine->leave(now);
  exchange();
  EXPECT_EQ(partner->unacknowledged_bytes(), 0U);
}

TEST_F(EngineStates, APartnerThatLeavesEndsItOnceAllHasBeenTaken) {
  meet();
  take_all();
  partner->send(chat::Type::text, text("last words"));
  exchange();
  say(PeerLeft{Departure::closed, {}});
  EXPECT_TRUE(wire().dropped);
  EXPECT_EQ(engine->token(), std::nullopt);
  run(std::chrono::minutes(5));
  EXPECT_EQ(wires.size(), 1U) << "there is nobody to come back to";
  EXPECT_FALSE(over());
  take_all();
  run(seconds(0));
  EXPECT_EQ(texts, std::vector<std::string>{"last words"});
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::partner_gone);
  EXPECT_EQ(state(), State::ended);
}

TEST_F(EngineStates, APartnerThatLeavesAndHasNotGotAllIsAFailure) {
  meet();
  take_all();
  say_text("not acknowledged");
  say(PeerLeft{Departure::closed, {}});
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::partner_gone);
  EXPECT_EQ(outcome().status, ExitStatus::failed);
}

TEST_F(EngineStates, BothSayThatTheyAreDoneAndItIsOver) {
  meet();
  engine->conversation().finish();
  partner->finish();
  for (int i = 0; i < 5; ++i) {
    exchange();
    take_all();
    while (const auto event = partner->next_event()) {
      if (const auto* message = std::get_if<chat::Message>(&*event)) partner->taken(message->id, now);
    }
    run(milliseconds(20));
    partner->advance(now);
  }
  exchange();
  EXPECT_TRUE(heard(FrameType::bye));
  EXPECT_TRUE(wire().finished);
  EXPECT_EQ(state(), State::leaving);
  wire().end(FaultKind::lost);
  step();
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::done);
  EXPECT_EQ(outcome().status, ExitStatus::done);
}

TEST_F(EngineStates, ALostPartnerWhoseGraceIsOverMayStillComeToTheRoom) {
  meet();
  take_all();
  say(PeerLeft{Departure::lost, seconds(60)});
  say(PeerLeft{Departure::closed, {}});
  ASSERT_EQ(wires.size(), 2U);
  open();
  EXPECT_EQ(hello()->resume, std::nullopt);
  // But not time after time at once.
  pair();
  say(PeerLeft{Departure::lost, seconds(60)});
  say(PeerLeft{Departure::closed, {}});
  EXPECT_GT(wait_before_dialling(), milliseconds(0));
}

TEST_F(EngineStates, TheProgramIsReadOnlyAsFastAsItTakes) {
  meet();
  const auto reads = [&] { return (engine->wanted().events & POLLIN) != 0; };
  EXPECT_TRUE(reads());
  for (std::size_t sent = 0; reads() && sent < 1'000'000; ++sent) {
    Bytes both;
    chat::append_record(both, {chat::Type::typing, 0, {}});
    chat::append_record(both, {chat::Type::name, 0, as_bytes("Ada")});
    for (int i = 0; i < 1000; ++i) wire().say(FrameType::data, both);
    step();
  }
  ASSERT_FALSE(reads());
  for (int i = 0; i < 60; ++i) run(seconds(5));
  EXPECT_EQ(state(), State::together) << "what is not read is not silence";
  EXPECT_EQ(wires.size(), 1U);
  take_all();
  EXPECT_TRUE(reads());
}

TEST_F(EngineStates, ARelayThatAsksAndTakesNoAnswersIsNotRead) {
  meet();
  wire().takes = false;
  wire().answers_ping = false;
  const std::array<std::byte, relay::kPingBytes> ping{};
  for (int i = 0; i < 200'000 && (engine->wanted().events & POLLIN) != 0; ++i) {
    wire().say(FrameType::ping, ping);
    if (i % 1000 == 0) step();
  }
  step();
  EXPECT_EQ(engine->wanted().events & POLLIN, 0);
  run(seconds(20));
  EXPECT_EQ(state(), State::reconnecting);
}

TEST_F(EngineStates, LeavingWhileConnectingEndsAtOnce) {
  start();
  engine->leave(now);
  EXPECT_EQ(state(), State::leaving);
  EXPECT_TRUE(wire().dropped);
  run(milliseconds(0));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::left);
  EXPECT_EQ(outcome().status, ExitStatus::done);
  EXPECT_EQ(engine->deadline(), std::nullopt);
}

TEST_F(EngineStates, LeavingBeforeTheAnswerToHelloSaysBye) {
  start();
  open();
  engine->leave(now);
  EXPECT_TRUE(hello());
  EXPECT_EQ(wire().hear()->type, FrameType::bye);
  EXPECT_TRUE(wire().finished);
  EXPECT_FALSE(over());
}

TEST_F(EngineStates, LeavingTheRoomSaysByeAndGivesThePlaceUp) {
  start();
  wait_in_room();
  EXPECT_TRUE(hello());
  engine->leave(now);
  EXPECT_EQ(wire().hear()->type, FrameType::bye);
  EXPECT_EQ(engine->token(), std::nullopt);
  wire().end(FaultKind::lost);
  run(milliseconds(0));
  EXPECT_TRUE(over());
}

TEST_F(EngineStates, LeavingWhileGreetingSaysBye) {
  start();
  open();
  pair();
  engine->leave(now);
  exchange();
  EXPECT_TRUE(heard(FrameType::bye));
}

TEST_F(EngineStates, LeavingTogetherTellsThePartnerFirst) {
  meeting.key = key_of(meeting.room);
  meet();
  engine->conversation().finish();
  engine->leave(now);
  exchange();
  EXPECT_TRUE(heard(FrameType::bye));
  EXPECT_EQ(stream_end, chat::Errc::stream_closed);
  bool bye = false;
  while (const auto event = partner->next_event()) {
    const auto* message = std::get_if<chat::Message>(&*event);
    bye |= message != nullptr && message->type == chat::Type::bye;
  }
  EXPECT_TRUE(bye);
}

TEST_F(EngineStates, LeavingWithoutTheRelaysEndTakesTwoSeconds) {
  meet();
  take_all();
  engine->leave(now);
  run(milliseconds(1999));
  EXPECT_FALSE(over());
  run(milliseconds(1));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::left);
  EXPECT_EQ(outcome().status, ExitStatus::failed) << "the other side may have had more to say";
}

TEST_F(EngineStates, LeavingGoesOnAsLongAsItGetsThrough) {
  meet();
  take_all();
  wire().undelivered = 100'000;
  engine->leave(now);
  for (int i = 0; i < 5; ++i) {
    run(milliseconds(1999));
    wire().undelivered -= 10'000;
    run(milliseconds(1));
    ASSERT_FALSE(over()) << i;
  }
  run(milliseconds(1999));
  EXPECT_FALSE(over());
  run(milliseconds(1));
  EXPECT_TRUE(over());
}

TEST_F(EngineStates, LeavingHasAnEndHoweverSlowItGoes) {
  meet();
  take_all();
  wire().undelivered = 100'000;
  wire().trickles = true;
  engine->leave(now);
  run(milliseconds(29'999));
  EXPECT_FALSE(over());
  run(milliseconds(1));
  EXPECT_TRUE(over());
}

TEST_F(EngineStates, LeavingAfterThePartnerWasLostSaysBye) {
  meet();
  take_all();
  say(PeerLeft{Departure::lost, seconds(60)});
  engine->leave(now);
  exchange();
  EXPECT_TRUE(heard(FrameType::bye));
  EXPECT_EQ(engine->token(), std::nullopt);
}

TEST_F(EngineStates, LeavingWhileReconnectingDialsNoMoreAndKeepsThePlace) {
  meet();
  take_all();
  wire().end(FaultKind::lost);
  step();
  now = *engine->link().retry_at;
  engine->leave(now);
  run(seconds(5));
  EXPECT_EQ(wires.size(), 1U);
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::left);
  EXPECT_EQ(engine->token(), "paired");
}

TEST_F(EngineStates, LeavingWhileThePartnersLastWordsAreNotTakenIsLeaving) {
  meet();
  take_all();
  partner->send(chat::Type::text, text("last words"));
  exchange();
  say(PeerLeft{Departure::lost, seconds(60)});
  say(PeerLeft{Departure::closed, {}});
  engine->leave(now);
  take_all();
  const auto changes = engine->link().changes;
  run(milliseconds(0));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::left);
  EXPECT_EQ(engine->link().changes, changes + 1) << "of leaving, there is one end and nothing between";
}

TEST_F(EngineStates, LeavingTwiceIsLeaving) {
  meet();
  take_all();
  engine->leave(now);
  run(seconds(1));
  engine->leave(now);
  run(seconds(1));
  ASSERT_TRUE(over());
  engine->leave(now);
  EXPECT_EQ(outcome().kind, Outcome::Kind::left);
}

TEST_F(EngineStates, NobodyComesInTheTimeThatWeWouldWait) {
  patience.first = seconds(30);
  start();
  wait_in_room();
  run(seconds(29));
  EXPECT_FALSE(over());
  run(seconds(1));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().kind, Outcome::Kind::failed);
  EXPECT_EQ(outcome().text, "nobody came within 30s");
  EXPECT_EQ(engine->token(), std::nullopt) << "such a place is not kept";
}

TEST_F(EngineStates, PatienceWithARelayThatIsFullSaysWhy) {
  patience.first = seconds(12);
  start();
  while (!over()) {
    if (state() != State::reconnecting) {
      open();
      say(relay::Error{relay::ErrorCode::overloaded, "", seconds(5)});
    }
    run(milliseconds(100));
  }
  EXPECT_NE(outcome().text.find("the relay is full"), std::string::npos) << outcome().text;
  EXPECT_NE(outcome().text.find("gave up after 12s"), std::string::npos) << outcome().text;
}

TEST_F(EngineStates, ThePartnerDoesNotComeBack) {
  patience.first = seconds(5);
  patience.again = seconds(40);
  meet();
  take_all();
  run(seconds(9));
  say(PeerLeft{Departure::lost, seconds(60)});
  run(seconds(39));
  EXPECT_FALSE(over());
  run(seconds(1));
  ASSERT_TRUE(over());
  EXPECT_EQ(outcome().text, "Ada did not come back within 40s");
  EXPECT_EQ(engine->token(), "paired") << "its user may try again";
}

TEST_F(EngineStates, TheRelayDoesNotComeBack) {
  patience.again = seconds(40);
  meet();
  take_all();
  wire().end(FaultKind::lost);
  step();
  run(seconds(39));
  EXPECT_FALSE(over());
  EXPECT_GT(wires.size(), 2U);
  run(seconds(1));
  ASSERT_TRUE(over());
  EXPECT_NE(outcome().text.find("gave up after 40s"), std::string::npos) << outcome().text;
}

TEST_F(EngineStates, PatienceDoesNotEndWhileThePartnersLastWordsAreNotTaken) {
  patience.again = seconds(40);
  meet();
  take_all();
  partner->send(chat::Type::text, text("last words"));
  exchange();
  say(PeerLeft{Departure::lost, seconds(60)});
  say(PeerLeft{Departure::closed, {}});
  run(std::chrono::minutes(5));
  EXPECT_EQ(state(), State::partner_lost);
  take_all();
  run(milliseconds(0));
  EXPECT_EQ(texts, std::vector<std::string>{"last words"});
  EXPECT_TRUE(over());
}

TEST_F(EngineStates, TimeTogetherDoesNotCountAgainstPatience) {
  patience.again = seconds(10);
  meet();
  take_all();
  for (int i = 0; i < 30; ++i) {
    run(seconds(2));
    exchange();
  }
  EXPECT_EQ(state(), State::together);
  say(PeerLeft{Departure::lost, seconds(60)});
  run(seconds(9));
  EXPECT_FALSE(over());
  run(seconds(1));
  EXPECT_TRUE(over());
}

}  // namespace
}  // namespace parley::client
