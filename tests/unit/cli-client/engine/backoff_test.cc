#include "cli-client/engine/backoff.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, DoublesUpToItsLongest) {
  Backoff backoff([](unsigned limit) { return limit - 1; });
  milliseconds expected = Backoff::kShortest;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(backoff.next(), expected);
    expected = std::min(expected * 2, Backoff::kLongest);
  }
  backoff.reset();
  EXPECT_EQ(backoff.next(), Backoff::kShortest);
}

TEST(Backoff, TriesAtOnceTheFirstTimeOnly) {
  Backoff backoff([](unsigned limit) { return limit - 1; });
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(backoff.next_after_none(), milliseconds(0));
    EXPECT_EQ(backoff.next_after_none(), Backoff::kShortest * 2);
    EXPECT_EQ(backoff.next(), Backoff::kShortest * 4);
    EXPECT_EQ(backoff.next_after_none(), Backoff::kShortest * 8);
    backoff.reset();
  }
}

TEST(Backoff, IsAtLeastHalf) {
  Backoff backoff([](unsigned) { return 0U; });
  EXPECT_EQ(backoff.next(), Backoff::kShortest / 2);
  EXPECT_EQ(backoff.next(), Backoff::kShortest);
}

TEST(Backoff, WhatARelayTellsAllAlikeIsSpread) {
  const Backoff soonest([](unsigned) { return 0U; });
  const Backoff latest([](unsigned limit) { return limit - 1; });
  const struct {
    milliseconds told, most;
  } cases[] = {
      {milliseconds(0), milliseconds(0)},
      {milliseconds(1), milliseconds(1)},
      {milliseconds(5'000), milliseconds(7'500)},
      {milliseconds(30'000), milliseconds(45'000)},
      {milliseconds(60'000), milliseconds(75'000)},
      {std::chrono::seconds(2'147'483'647), std::chrono::seconds(2'147'483'647 + 15LL)},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(soonest.at_least(each.told), each.told) << "never sooner";
    EXPECT_EQ(latest.at_least(each.told), each.most);
  }
}

TEST(Backoff, RandomNumbersStayBelowTheirLimit) {
  bool seen[3] = {};
  for (int i = 0; i < 1000; ++i) seen[random_below(3)] = true;
  EXPECT_TRUE(seen[0] && seen[1] && seen[2]);
  EXPECT_EQ(random_below(0), 0U);
}

}  // namespace
}  // namespace parley::client
