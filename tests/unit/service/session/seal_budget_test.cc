#include "service/session/seal_budget.h"

#include <gtest/gtest.h>

#include <string>

namespace parley {
namespace {

using namespace std::chrono_literals;

TEST(SealBudget, AnAddressHasAQuarterOfTheTime) {
  SealBudget budget;
  const TimePoint start{1h};
  TimePoint now = start;
  std::chrono::nanoseconds sealed{0};
  while (now < start + 10s) {
    sealed += 300us;
    now = std::max(now + 300us, budget.spend("192.0.2.1", 300us, now));
  }
  EXPECT_GE(sealed, 2500ms);
  EXPECT_LE(sealed, 2600ms);
}

TEST(SealBudget, WhatItHasNotUsedItHasAtOnceButNoMoreThanThat) {
  SealBudget budget;
  TimePoint now{1h};
  for (int rounds = 0; rounds < 2; ++rounds) {
    int at_once = 0;
    while (budget.spend("192.0.2.1", 1ms, now) <= now) ++at_once;
    EXPECT_EQ(at_once, SealBudget::kBurst / (SealBudget::kShare * 1ms));
    now += 1min;
  }
}

TEST(SealBudget, EachAddressHasItsOwn) {
  SealBudget budget;
  const TimePoint now{1h};
  EXPECT_GT(budget.spend("192.0.2.1", 1s, now), now);
  EXPECT_LE(budget.spend("192.0.2.2", 1ms, now), now);
}

TEST(SealBudget, ForgetsWhoOwesNothing) {
  SealBudget budget;
  TimePoint now{1h};
  for (int i = 0; i < 100'000; ++i) {
    budget.spend(std::to_string(i), 1ms, now);
    now += 10ms;
  }
  EXPECT_LT(budget.addresses(), 200u);
}

}  // namespace
}  // namespace parley
