#include "service/pairing/rooms.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

using relay::Place;
using Kind = Rooms::Kind;

relay::SessionName name(int n) {
  relay::SessionName result{};
  result[0] = static_cast<std::byte>(n);
  return result;
}

class RoomsTest : public ::testing::Test {
 protected:
  // A new leg, with a fresh name that is its number.
  Rooms::Answer enter(std::optional<relay::ResumeToken> token = std::nullopt, const std::string& room = "room",
                      const std::string& address = "192.0.2.1", bool token_expired = false) {
    ++number_;
    const Rooms::Arrival arrival{
        {nullptr, LegId{static_cast<std::uint64_t>(number_)}}, room, address, token, name(number_), token_expired};
    return rooms_.enter(arrival, most_);
  }
  Rooms::Answer enter_late(const relay::ResumeToken& token) { return enter(token, "room", "192.0.2.1", true); }
  static relay::ResumeToken token(int session, Place place) { return {name(session), place, {}}; }
  void expect_refused(const Rooms::Answer& answer, EndReason why) {
    EXPECT_EQ(answer.kind, Kind::refuse);
    EXPECT_EQ(answer.why, why) << label(answer.why);
  }

  void expect_waiting(std::size_t count) { EXPECT_EQ(rooms_.waiting(), count); }

  Rooms::Bounds most_{.in_all = 3, .per_address = 0};
  Rooms rooms_;
  int number_ = 0;
};

TEST_F(RoomsTest, TwoMeetAndTheRoomIsFullUntilTheirSessionEnds) {
  const auto first = enter();
  EXPECT_EQ(first.kind, Kind::wait);
  EXPECT_EQ(first.place, Place::waiting);
  EXPECT_EQ(rooms_.waiting(), 1u);
  const auto second = enter();
  EXPECT_EQ(second.kind, Kind::meet);
  EXPECT_EQ(second.other.leg, LegId{1});
  EXPECT_EQ(second.name, first.name);
  EXPECT_EQ(rooms_.waiting(), 0u);
  expect_refused(enter(), EndReason::room_held);
  rooms_.set_held("room", first.name, false);  // the two have met
  expect_refused(enter(), EndReason::room_full);
  rooms_.set_held("room", first.name, true);
  expect_refused(enter(), EndReason::room_held);
  rooms_.end("room", first.name);
  EXPECT_EQ(enter().kind, Kind::wait);
}

TEST_F(RoomsTest, RoomsAreApart) {
  EXPECT_EQ(enter({}, "a").kind, Kind::wait);
  EXPECT_EQ(enter({}, "b").kind, Kind::wait);
  EXPECT_EQ(enter({}, "c").kind, Kind::wait);
  expect_refused(enter({}, "d"), EndReason::overloaded);
  EXPECT_EQ(enter({}, "a").kind, Kind::meet) << "no new room";
}

TEST_F(RoomsTest, AnAddressHasItsShareOfRooms) {
  most_.per_address = 1;
  const auto first = enter({}, "a");
  EXPECT_EQ(first.kind, Kind::wait);
  expect_refused(enter({}, "b"), EndReason::rate_limited);
  EXPECT_EQ(enter({}, "c", "2001:db8::/64").kind, Kind::wait);
  expect_refused(enter({}, "d", "2001:db8::/64"), EndReason::rate_limited);
  EXPECT_EQ(enter({}, "a").kind, Kind::meet) << "opened already";
  rooms_.set_held("a", first.name, true);
  expect_refused(enter({}, "b"), EndReason::rate_limited);
  rooms_.end("a", first.name);
  EXPECT_EQ(enter({}, "b").kind, Kind::wait);
  EXPECT_TRUE(rooms_.leave("b", LegId{static_cast<std::uint64_t>(number_)}));
  EXPECT_EQ(enter({}, "b").kind, Kind::wait);
}

TEST_F(RoomsTest, ARoomCountsForWhoOpenedItWhereverItsClientGoes) {
  most_.per_address = 1;
  enter({}, "a", "192.0.2.1");
  EXPECT_EQ(enter(token(1, Place::waiting), "a", "192.0.2.2").kind, Kind::replace);
  EXPECT_EQ(enter({}, "b", "192.0.2.2").kind, Kind::wait);
  expect_refused(enter({}, "c", "192.0.2.1"), EndReason::rate_limited);
}

TEST_F(RoomsTest, WhoLeavesIsNotMet) {
  enter();
  EXPECT_TRUE(rooms_.leave("room", LegId{7})) << "it never waited: nobody is on the way to it";
  expect_waiting(1);
  EXPECT_TRUE(rooms_.leave("room", LegId{1}));
  expect_waiting(0);
  EXPECT_EQ(enter().kind, Kind::wait);
  EXPECT_EQ(enter().kind, Kind::meet);
  EXPECT_FALSE(rooms_.leave("room", LegId{2})) << "its partner is on its way";
  rooms_.forget("room", name(2));
  EXPECT_EQ(enter().kind, Kind::wait);
}

TEST_F(RoomsTest, TokensTakePlacesInTheirSession) {
  enter();
  enter();
  for (const auto& [place, taken] :
       {std::pair{Place::first, Place::first}, {Place::second, Place::second}, {Place::waiting, Place::first}}) {
    const auto back = enter(token(1, place));
    EXPECT_EQ(back.kind, Kind::rejoin);
    EXPECT_EQ(back.place, taken);
    EXPECT_EQ(back.name, name(1));
  }
  expect_refused(enter(token(9, Place::first)), EndReason::bad_resume);
  rooms_.end("room", name(1));
  expect_refused(enter(token(1, Place::second)), EndReason::bad_resume);
  expect_refused(enter(token(1, Place::waiting)), EndReason::bad_resume);
  enter();
  expect_refused(enter(token(1, Place::waiting)), EndReason::bad_resume);
  EXPECT_EQ(enter(token(77, Place::waiting)).kind, Kind::meet) << "of one that never began: as if by a new HELLO";
}

TEST_F(RoomsTest, ATokenFromWaitingReplacesWhoWaits) {
  enter();
  const auto again = enter(token(1, Place::waiting));
  EXPECT_EQ(again.kind, Kind::replace);
  EXPECT_EQ(again.other.leg, LegId{1});
  EXPECT_TRUE(rooms_.leave("room", LegId{1})) << "nobody is on the way to who was replaced";
  expect_waiting(1);
  const auto partner = enter();
  EXPECT_EQ(partner.kind, Kind::meet);
  EXPECT_EQ(partner.other.leg, LegId{2});
  EXPECT_EQ(enter(token(2, Place::waiting), "other").kind, Kind::wait);
}

TEST_F(RoomsTest, AfterARestartOnlyTheOtherTokenMayJoin) {
  const auto first = enter(token(50, Place::second));
  EXPECT_EQ(first.kind, Kind::wait);
  EXPECT_EQ(first.name, name(50));
  EXPECT_EQ(first.place, Place::second);
  expect_refused(enter(), EndReason::room_held);
  expect_refused(enter(token(51, Place::first)), EndReason::room_held);
  EXPECT_EQ(enter(token(50, Place::second)).kind, Kind::replace);
  const auto other = enter(token(50, Place::first));
  EXPECT_EQ(other.kind, Kind::meet);
  EXPECT_EQ(other.place, Place::first);
}

TEST_F(RoomsTest, AnExpiredTokenIsGoodOnlyForWhatIsStillHere) {
  expect_refused(enter_late(token(50, Place::first)), EndReason::bad_resume);
  enter(token(50, Place::first));
  expect_refused(enter_late(token(50, Place::second)), EndReason::bad_resume);
  EXPECT_EQ(enter_late(token(50, Place::first)).kind, Kind::replace);
  EXPECT_EQ(enter(token(50, Place::second)).kind, Kind::meet);
  EXPECT_EQ(enter_late(token(50, Place::second)).kind, Kind::rejoin) << "its session has lasted longer";
}

TEST_F(RoomsTest, AfterARestartANewcomerMayBeThereFirst) {
  enter();
  expect_refused(enter(token(50, Place::second)), EndReason::bad_resume);
  EXPECT_EQ(enter(token(50, Place::waiting)).kind, Kind::meet);
}

TEST_F(RoomsTest, EndedSessionsAreForgottenInTheEnd) {
  for (std::size_t i = 0; i <= Rooms::kMostEnded; ++i) {
    relay::SessionName drawn{};
    drawn[0] = static_cast<std::byte>(i);
    drawn[1] = static_cast<std::byte>(i >> 8U);
    drawn[2] = std::byte{1};
    rooms_.enter({{nullptr, LegId{1}}, "room", "192.0.2.1", std::nullopt, drawn}, {});
    rooms_.enter({{nullptr, LegId{2}}, "room", "192.0.2.1", std::nullopt, name(1)}, {});
    rooms_.end("room", drawn);
  }
  relay::SessionName oldest{};
  oldest[2] = std::byte{1};
  EXPECT_EQ(enter(relay::ResumeToken{oldest, Place::first, {}}).kind, Kind::wait);
}

}  // namespace
}  // namespace parley
