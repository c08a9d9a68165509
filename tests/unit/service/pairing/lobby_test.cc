#include "service/pairing/lobby.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(Lobby, PairsByArrival) {
  Lobby lobby;
  EXPECT_FALSE(lobby.enter({nullptr, LegId{1}}));
  EXPECT_EQ(lobby.waiting(), 1u);
  const auto met = lobby.enter({nullptr, LegId{2}});
  ASSERT_TRUE(met);
  EXPECT_EQ(met->leg, LegId{1});
  EXPECT_EQ(lobby.waiting(), 0u);
  EXPECT_FALSE(lobby.enter({nullptr, LegId{3}}));
}

TEST(Lobby, WhoLeftIsNotMet) {
  Lobby lobby;
  lobby.enter({nullptr, LegId{1}});
  EXPECT_TRUE(lobby.leave(LegId{1}));
  EXPECT_FALSE(lobby.enter({nullptr, LegId{2}}));
}

TEST(Lobby, LeavingTooLateSaysSo) {
  Lobby lobby;
  lobby.enter({nullptr, LegId{1}});
  lobby.enter({nullptr, LegId{2}});
  EXPECT_FALSE(lobby.leave(LegId{1}));
  lobby.enter({nullptr, LegId{3}});
  EXPECT_FALSE(lobby.leave(LegId{1}));
  EXPECT_EQ(lobby.waiting(), 1u);
}

}  // namespace
}  // namespace parley
