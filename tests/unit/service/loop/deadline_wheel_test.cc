#include "service/loop/deadline_wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "tests/support/fake_clock.h"

namespace parley {
namespace {

using namespace std::chrono_literals;

class DeadlineWheelTest : public ::testing::Test {
 protected:
  void advance(TimePoint::duration by) {
    clock_.advance(by);
    wheel_.advance(clock_.now());
  }

  test::FakeClock clock_;
  DeadlineWheel wheel_{clock_.now()};
  int fired_ = 0;
  Deadline deadline_{wheel_, [this] { ++fired_; }};
};

TEST_F(DeadlineWheelTest, FiresOnceAndNeverEarly) {
  deadline_.set(clock_.now() + 250ms);
  advance(249ms);
  EXPECT_EQ(fired_, 0);
  advance(DeadlineWheel::kTick + 1ms);
  EXPECT_EQ(fired_, 1);
  EXPECT_FALSE(deadline_.is_set());
  advance(1h);
  EXPECT_EQ(fired_, 1);
}

TEST_F(DeadlineWheelTest, MovedLaterFiresLater) {
  deadline_.set(clock_.now() + 100ms);
  deadline_.set(clock_.now() + 10s);
  advance(9s);
  EXPECT_EQ(fired_, 0);
  advance(1s + DeadlineWheel::kTick);
  EXPECT_EQ(fired_, 1);
}

TEST_F(DeadlineWheelTest, MovedEarlierFiresEarlier) {
  deadline_.set(clock_.now() + 10s);
  deadline_.set(clock_.now() + 100ms);
  advance(100ms + DeadlineWheel::kTick);
  EXPECT_EQ(fired_, 1);
}

TEST_F(DeadlineWheelTest, ClearedDoesNotFire) {
  deadline_.set(clock_.now() + 100ms);
  deadline_.clear();
  advance(1s);
  EXPECT_EQ(fired_, 0);
  EXPECT_EQ(wheel_.next(), std::nullopt);
}

TEST_F(DeadlineWheelTest, ReachesBeyondOneTurn) {
  deadline_.set(clock_.now() + 1h);
  for (int i = 0; i < 3599; ++i) advance(1s);
  EXPECT_EQ(fired_, 0);
  advance(1s + DeadlineWheel::kTick);
  EXPECT_EQ(fired_, 1);
}

TEST_F(DeadlineWheelTest, MayDestroyOthersAndItself) {
  auto other = std::make_unique<Deadline>(wheel_, [this] { fired_ += 100; });
  auto self = std::unique_ptr<Deadline>();
  self = std::make_unique<Deadline>(wheel_, [&] {
    other.reset();
    self.reset();
  });
  other->set(clock_.now() + 50ms);  // linked first, so it comes second
  self->set(clock_.now() + 50ms);
  advance(1s);
  EXPECT_EQ(fired_, 0);
  EXPECT_EQ(self, nullptr);
}

TEST_F(DeadlineWheelTest, SaysWhenAnEarlierOneIsSet) {
  int earlier = 0;
  wheel_.on_earlier([&] { ++earlier; });
  Deadline other(wheel_, [] {});
  deadline_.set(clock_.now() + 10s);
  EXPECT_EQ(earlier, 1);
  other.set(clock_.now() + 20s);
  EXPECT_EQ(earlier, 1);
  other.set(clock_.now() + 1s);
  EXPECT_EQ(earlier, 2);
  ASSERT_TRUE(wheel_.next());
  EXPECT_LE(*wheel_.next(), clock_.now() + 1s + DeadlineWheel::kTick);
}

TEST_F(DeadlineWheelTest, PushedBackFiresAtItsNewMomentOnly) {
  deadline_.set(clock_.now() + 100ms);
  for (int i = 0; i < 100; ++i) {
    advance(50ms);
    deadline_.move(clock_.now() + 100ms);
  }
  EXPECT_EQ(fired_, 0);
  EXPECT_TRUE(deadline_.is_set());
  advance(99ms);
  EXPECT_EQ(fired_, 0);
  advance(DeadlineWheel::kTick + 1ms);
  EXPECT_EQ(fired_, 1);
  EXPECT_FALSE(deadline_.is_set());
}

// The slot that it was filed in comes once, and is looked at for nothing; from then on next() tells the truth.
TEST_F(DeadlineWheelTest, PushedBackIsFiledAnewWhenItsOldSlotComes) {
  const TimePoint begin = clock_.now();
  deadline_.set(begin + 100ms);
  deadline_.move(begin + 10s);
  EXPECT_EQ(wheel_.next(), begin + 100ms);
  advance(100ms);
  EXPECT_EQ(fired_, 0);
  EXPECT_EQ(wheel_.next(), begin + 10s);
}

TEST_F(DeadlineWheelTest, IsNeverPulledForwardByAMove) {
  deadline_.set(clock_.now() + 1s);
  deadline_.move(clock_.now() + 100ms);
  advance(500ms);
  EXPECT_EQ(fired_, 0);
  advance(500ms + DeadlineWheel::kTick);
  EXPECT_EQ(fired_, 1);
}

TEST_F(DeadlineWheelTest, MovedFarAndThenLessFarItFiresAtTheLatest) {
  deadline_.set(clock_.now() + 100ms);
  deadline_.move(clock_.now() + 3s);
  deadline_.move(clock_.now() + 2s);
  advance(2s + DeadlineWheel::kTick);
  EXPECT_EQ(fired_, 0);
  advance(1s);
  EXPECT_EQ(fired_, 1);
}

TEST_F(DeadlineWheelTest, PushedBackAndThenClearedOrSetEarlier) {
  deadline_.set(clock_.now() + 100ms);
  deadline_.move(clock_.now() + 10s);
  deadline_.clear();
  advance(20s);
  EXPECT_EQ(fired_, 0);
  deadline_.set(clock_.now() + 100ms);
  deadline_.move(clock_.now() + 10s);
  deadline_.set(clock_.now() + 1s);
  advance(1s + DeadlineWheel::kTick);
  EXPECT_EQ(fired_, 1);
}

TEST_F(DeadlineWheelTest, KnowsTheEarliestThatIsLeft) {
  const TimePoint begin = clock_.now();
  Deadline second(wheel_, [] {});
  Deadline third(wheel_, [] {});
  third.set(begin + 3s);
  deadline_.set(begin + 1s);
  second.set(begin + 1s);
  EXPECT_EQ(wheel_.next(), begin + 1s);
  deadline_.clear();
  EXPECT_EQ(wheel_.next(), begin + 1s) << "another is in the same slot";
  second.clear();
  EXPECT_EQ(wheel_.next(), begin + 3s);
  third.clear();
  EXPECT_EQ(wheel_.next(), std::nullopt);
}

// Wherever the wheel stands, and whichever slots are taken.
TEST_F(DeadlineWheelTest, FindsTheEarliestAllRoundTheWheel) {
  const auto in_ticks = [](std::size_t ticks) { return DeadlineWheel::kTick * static_cast<int>(ticks); };
  Deadline other(wheel_, [] {});
  for (std::size_t turned = 0; turned < 2 * DeadlineWheel::kSlots; turned += 61) {
    advance(in_ticks(61));
    for (const std::size_t far : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65},
                                  DeadlineWheel::kSlots - 2, DeadlineWheel::kSlots - 1}) {
      other.set(clock_.now() + in_ticks(far));
      ASSERT_EQ(wheel_.next(), clock_.now() + in_ticks(far)) << turned;
      other.clear();
      ASSERT_EQ(wheel_.next(), std::nullopt) << turned;
    }
  }
}

TEST_F(DeadlineWheelTest, BeyondOneTurnItIsNextWithinTheTurn) {
  deadline_.set(clock_.now() + 1h);
  ASSERT_TRUE(wheel_.next());
  EXPECT_LE(*wheel_.next(), clock_.now() + DeadlineWheel::kTick * static_cast<int>(DeadlineWheel::kSlots));
  advance(30min);
  EXPECT_EQ(fired_, 0);
  advance(30min + DeadlineWheel::kTick);
  EXPECT_EQ(fired_, 1);
}

TEST_F(DeadlineWheelTest, ALongSleepRunsThemInTheirOrder) {
  std::vector<int> order;
  Deadline second(wheel_, [&] { order.push_back(2); });
  Deadline third(wheel_, [&] { order.push_back(3); });
  Deadline first(wheel_, [&] { order.push_back(1); });
  third.set(clock_.now() + 1h);
  second.set(clock_.now() + 20s);
  first.set(clock_.now() + 1s);
  advance(2h);
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
  EXPECT_EQ(wheel_.next(), std::nullopt);
}

TEST_F(DeadlineWheelTest, ThousandsFireEachAtItsOwnTime) {
  std::vector<std::unique_ptr<Deadline>> all;
  const TimePoint begin = clock_.now();
  int fired = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto due = begin + std::chrono::milliseconds(i * 17);
    all.push_back(std::make_unique<Deadline>(wheel_, [this, due, &fired] {
      EXPECT_GE(clock_.now(), due);
      EXPECT_LT(clock_.now(), due + 2 * DeadlineWheel::kTick);
      ++fired;
    }));
    all.back()->set(due);
  }
  while (wheel_.next()) {
    const TimePoint next = *wheel_.next();
    advance(next - clock_.now());
  }
  EXPECT_EQ(fired, 5000);
}

// What is set within an expiry is due by its own time: within the same call when that has come already.
TEST_F(DeadlineWheelTest, MayBeSetAgainWithinItsOwnExpiry) {
  std::optional<Deadline> again;
  again.emplace(wheel_, [&] {
    if (++fired_ < 5) again->set(clock_.now() - 10s);
  });
  again->set(clock_.now() + 1s);
  advance(2s);
  EXPECT_EQ(fired_, 5);
  EXPECT_FALSE(again->is_set());

  fired_ = 0;
  deadline_.set(clock_.now() + 1s);
  Deadline setter(wheel_, [this] { deadline_.set(clock_.now() + 1s); });
  setter.set(clock_.now() + 500ms);
  advance(600ms);
  EXPECT_EQ(fired_, 0);
  advance(1s);
  EXPECT_EQ(fired_, 1);
}

TEST_F(DeadlineWheelTest, MayClearAnotherOfItsSlotAndALaterOne) {
  Deadline later(wheel_, [this] { fired_ += 100; });
  Deadline clearing(wheel_, [&] {
    deadline_.clear();
    later.clear();
  });
  deadline_.set(clock_.now() + 50ms);
  later.set(clock_.now() + 100ms);
  clearing.set(clock_.now() + 50ms);  // linked last, so it comes first
  advance(1s);
  EXPECT_EQ(fired_, 0);
  EXPECT_EQ(wheel_.next(), std::nullopt);
}

TEST_F(DeadlineWheelTest, SaysItOnlyWhenItsOwnerWouldBeTooLate) {
  int earlier = 0;
  wheel_.on_earlier([&] { ++earlier; });
  deadline_.set(clock_.now() + 1s);
  EXPECT_EQ(earlier, 1);
  // Nothing but the clearing of what was said: who comes at that time finds that it has time.
  deadline_.clear();
  deadline_.set(clock_.now() + 2s);
  EXPECT_EQ(earlier, 1);
  // The owner knows better now.
  ASSERT_TRUE(wheel_.next());
  deadline_.set(clock_.now() + 1s);
  EXPECT_EQ(earlier, 2);
  deadline_.move(clock_.now() + 3s);
  EXPECT_EQ(earlier, 2);
}

// An expiry runs within advance(), whose caller asks next() afterwards.
TEST_F(DeadlineWheelTest, SaysNothingOfWhatIsSetLaterThanTheMomentItself) {
  int earlier = 0;
  wheel_.on_earlier([&] { ++earlier; });
  Deadline again(wheel_, [&] { deadline_.set(clock_.now() + 50ms); });
  again.set(clock_.now() + 1s);
  EXPECT_EQ(earlier, 1);
  advance(1s);
  EXPECT_EQ(earlier, 1);
  EXPECT_EQ(wheel_.next(), clock_.now() + 50ms);
}

TEST_F(DeadlineWheelTest, AgreesWithASortedListUnderRandomUse) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  struct Tracked {
    std::unique_ptr<Deadline> deadline;
    TimePoint due{};
    bool set = false;
  };
  std::vector<Tracked> all(50);
  for (Tracked& one : all) {
    one.deadline = std::make_unique<Deadline>(wheel_, [&] {
      EXPECT_TRUE(one.set);
      EXPECT_GE(clock_.now(), one.due);
      one.set = false;
    });
  }
  for (int step = 0; step < 5000; ++step) {
    Tracked& one = all[random() % all.size()];
    if (random() % 4 == 0) {
      one.deadline->clear();
      one.set = false;
    } else if (one.set && random() % 2 == 0) {
      one.due += std::chrono::milliseconds(random() % 60'000);
      one.deadline->move(one.due);
    } else {
      one.due = clock_.now() + std::chrono::milliseconds(random() % 60'000);
      one.set = true;
      one.deadline->set(one.due);
    }
    advance(std::chrono::milliseconds(random() % 500));
    for (const Tracked& each : all) {
      if (each.set) {
        EXPECT_GT(each.due + 2 * DeadlineWheel::kTick, clock_.now());
        ASSERT_TRUE(wheel_.next());
        EXPECT_LT(*wheel_.next(), each.due + DeadlineWheel::kTick);
      }
    }
  }
}

}  // namespace
}  // namespace parley
