#include "cli-client/probe/self_meeting.h"

#include <gtest/gtest.h>

#include "protocol/chat/psk.h"
#include "tests/unit/cli-client/engine/memory_relay.h"

namespace parley::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A meeting with oneself at a relay in memory, on a clock that only the test moves.
class SelfMeetingTest : public testing::Test {
 protected:
  static constexpr seconds kLimit{10};

  TimePoint now{std::chrono::hours(1)};
  const TimePoint begun = now;
  MemoryRelay relay;
  bool relay_stands_still = false;
  std::optional<milliseconds> patience = kLimit;  // of each side
  std::unique_ptr<SelfMeeting> both;

  void start(bool resumes = true) {
    const Meeting meeting{{"relay.example", 10443}, "lounge", chat::derive_psk(chat::Secret{}, "lounge"), {}, {}};
    const World world{relay.dial(), [](unsigned limit) { return limit - 1; }};
    both = std::make_unique<SelfMeeting>(
        meeting, world,
        SelfMeeting::Options{.patience = {kLimit, patience, patience}, .limit = kLimit, .resumes = resumes}, now);
  }
  void step() {
    for (Engine* engine : both->engines()) engine->advance(engine->wanted().events, now);
    both->advance(now);
    if (!relay_stands_still) (void)relay.advance();
  }
  void run_until_over() {
    run_until([&] { return both->over(); });
  }
  template <class Condition>
  void run_until(Condition condition) {
    for (; !condition(); now += milliseconds(10)) {
      ASSERT_LT(now, begun + seconds(60)) << "it never ends";
      step();
    }
  }
  bool has(Phase phase) const { return Report(both->report()).time(phase).has_value(); }
};

TEST_F(SelfMeetingTest, AllPhasesOfARelayThatIsWellAreMeasured) {
  start();
  run_until_over();
  EXPECT_FALSE(both->report().failure) << both->report().failure->text;
  EXPECT_TRUE(both->report().reached);
  for (const auto& time : both->report().times) EXPECT_TRUE(time);
}

TEST_F(SelfMeetingTest, NoConnectionIsLostThatWasNotToBe) {
  start(false);
  run_until_over();
  EXPECT_FALSE(both->report().failure);
  EXPECT_TRUE(has(Phase::echo));
  EXPECT_FALSE(has(Phase::resume));
}

TEST_F(SelfMeetingTest, ARelayThatHasForgottenTheTokenIsNotWell) {
  start();
  relay.forget_lost = true;
  run_until_over();
  ASSERT_TRUE(both->report().failure);
  EXPECT_EQ(both->report().failure->cause, Cause::not_resumed) << both->report().failure->text;
  EXPECT_TRUE(has(Phase::echo));
  EXPECT_FALSE(has(Phase::resume));
}

TEST_F(SelfMeetingTest, ANewSessionIsNotTheOldOne) {
  start();
  run_until([&] { return has(Phase::echo); });
  relay.session = "another";
  run_until_over();
  ASSERT_TRUE(both->report().failure);
  EXPECT_EQ(both->report().failure->cause, Cause::not_resumed);
}

TEST_F(SelfMeetingTest, ARelayThatIsAwayIsUnreachableWithinItsTime) {
  start();
  relay_stands_still = true;
  run_until_over();
  ASSERT_TRUE(both->report().failure);
  EXPECT_EQ(both->report().failure->cause, Cause::unreachable);
  EXPECT_EQ(both->report().failure->status, ExitStatus::no_connection);
  EXPECT_FALSE(both->report().reached);
  EXPECT_LE(now, begun + kLimit + seconds(3));
}

TEST_F(SelfMeetingTest, ARelayThatStopsAnsweringHasItsTimeAndNoMoreHoweverPatientEachSideIs) {
  patience = std::nullopt;
  start();
  run_until([&] { return both->report().reached.has_value(); });
  relay_stands_still = true;
  run_until_over();
  ASSERT_TRUE(both->report().failure);
  EXPECT_EQ(both->report().failure->cause, Cause::timeout) << both->report().failure->text;
  EXPECT_LE(now, begun + kLimit + seconds(3));
}

TEST_F(SelfMeetingTest, OneThatIsNotWantedAnyMoreLeavesWithoutAWordOfIt) {
  start();
  run_until([&] { return has(Phase::pair); });
  both->abandon(now);
  run_until_over();
  EXPECT_FALSE(both->report().failure);
  EXPECT_LE(now, begun + seconds(3));
}

}  // namespace
}  // namespace parley::client
