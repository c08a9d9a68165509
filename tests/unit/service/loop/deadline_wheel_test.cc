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
    } else {
      one.due = clock_.now() + std::chrono::milliseconds(random() % 60'000);
      one.set = true;
      one.deadline->set(one.due);
    }
    advance(std::chrono::milliseconds(random() % 500));
    for (const Tracked& each : all) {
      if (each.set) {
        EXPECT_GT(each.due + 2 * DeadlineWheel::kTick, clock_.now());
      }
    }
  }
}

}  // namespace
}  // namespace parley
