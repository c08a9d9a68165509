#include "service/rsa/key_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace parley::rsa {
namespace {

using namespace std::chrono_literals;

int niceness_of_this_thread() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

// Makes small keys, as many as were allowed; making waits when there are none left.
class KeyMaker {
 public:
  KeyPool::Generate function() {
    return [this](unsigned) {
      std::unique_lock lock(mutex_);
      niceness_.push_back(niceness_of_this_thread());
      changed_.wait(lock, [&] { return allowed_ > 0; });
      --allowed_;
      lock.unlock();
      return classic::PrivateKey::generate(512);
    };
  }
  void allow(int more) {
    const std::lock_guard lock(mutex_);
    allowed_ += more;
    changed_.notify_all();
  }
  // Of the threads that came to make one.
  std::vector<int> niceness() {
    const std::lock_guard lock(mutex_);
    return niceness_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> niceness_;
  int allowed_ = 0;
};
constexpr int kUnlimited = 1'000'000;

class KeyPoolTest : public testing::Test {
 protected:
  void start(std::size_t capacity, unsigned threads = 1) {
    settings_.key_pool = capacity;
    pool_ = std::make_unique<KeyPool>(settings_, threads, maker_.function());
  }
  void start_shared(milliseconds lifetime) {
    settings_.keys = ClassicKeys::shared;
    settings_.key_lifetime = lifetime;
    start(0);
  }
  // The pool's threads end only when they may make what they have begun.
  void TearDown() override {
    maker_.allow(kUnlimited);
    pool_.reset();
  }

  template <class Condition>
  void eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  }
  void wait_until_ready(std::size_t keys) {
    eventually([&] { return pool_->view().ready == keys; });
  }

  // One connection: takes, and notes its name when the key comes later.
  struct Taker {
    KeyPool::Wait wait;
    KeyPtr at_once;
  };
  std::unique_ptr<Taker> take(const std::string& address, const std::string& name) {
    auto taker = std::make_unique<Taker>();
    taker->at_once = pool_->take(address, taker->wait, [this, name](KeyPtr key) {
      const std::lock_guard lock(mutex_);
      served_.push_back(name);
      keys_.push_back(std::move(key));
    });
    return taker;
  }
  std::vector<std::string> served() {
    const std::lock_guard lock(mutex_);
    return served_;
  }
  KeyPtr later_key(std::size_t index) {
    const std::lock_guard lock(mutex_);
    return keys_.at(index);
  }

  KeyMaker maker_;
  ClassicSettings settings_;
  std::mutex mutex_;
  std::vector<std::string> served_;
  std::vector<KeyPtr> keys_;
  std::unique_ptr<KeyPool> pool_;
};

TEST_F(KeyPoolTest, FillsToItsCapacityAndGivesEachKeyOnce) {
  maker_.allow(kUnlimited);
  start(4, 2);
  wait_until_ready(4);
  std::vector<std::unique_ptr<Taker>> takers;
  takers.reserve(4);
  for (int i = 0; i < 4; ++i) takers.push_back(take("192.0.2.1", "x"));
  for (const auto& taker : takers) {
    ASSERT_NE(taker->at_once, nullptr);
    for (const auto& other : takers) EXPECT_TRUE(other == taker || other->at_once != taker->at_once);
  }
  wait_until_ready(4);
  EXPECT_TRUE(served().empty());
  EXPECT_GE(pool_->generate_seconds().count(), 8U);
}

TEST_F(KeyPoolTest, WhenKeysAreShortAddressesTakeTurns) {
  start(2);
  std::vector<std::unique_ptr<Taker>> takers;
  for (const char* name : {"a1", "a2", "a3", "a4", "b1", "b2", "c1"}) {
    takers.push_back(take(std::string(1, name[0]), name));
    EXPECT_EQ(takers.back()->at_once, nullptr);
  }
  EXPECT_EQ(pool_->view().waiting, 7U);
  for (std::size_t i = 1; i <= 7; ++i) {
    maker_.allow(1);
    eventually([&] { return served().size() == i; });
  }
  EXPECT_EQ(served(), (std::vector<std::string>{"a1", "b1", "c1", "a2", "b2", "a3", "a4"}));
  eventually([&] { return pool_->view().wait_seconds.count() == 7; });
}

TEST_F(KeyPoolTest, WhoeverGaveUpIsPassedOver) {
  start(1);
  auto first = take("a", "a1");
  auto second = take("a", "a2");
  auto third = take("b", "b1");
  first->wait.cancel();
  third.reset();
  EXPECT_EQ(pool_->view().waiting, 1U);
  maker_.allow(1);
  eventually([&] { return served().size() == 1; });
  EXPECT_EQ(served().front(), "a2");
  maker_.allow(1);
  wait_until_ready(1);
  EXPECT_EQ(served().size(), 1U);
}

TEST_F(KeyPoolTest, TakingAgainGivesUpTheOldPlace) {
  start(1);
  KeyPool::Wait wait;
  std::atomic<int> calls = 0;
  EXPECT_EQ(pool_->take("a", wait, [&](const KeyPtr&) { calls += 1; }), nullptr);
  EXPECT_EQ(pool_->take("a", wait, [&](const KeyPtr&) { calls += 10; }), nullptr);
  EXPECT_EQ(pool_->view().waiting, 1U);
  maker_.allow(2);
  eventually([&] { return calls != 0 && pool_->view().ready == 1; });
  EXPECT_EQ(calls, 10);
}

TEST_F(KeyPoolTest, AMovedWaitStillHoldsItsPlace) {
  start(1);
  auto taker = take("a", "a1");
  KeyPool::Wait moved = std::move(taker->wait);
  taker.reset();
  EXPECT_EQ(pool_->view().waiting, 1U);
  moved = KeyPool::Wait();
  EXPECT_EQ(pool_->view().waiting, 0U);
}

TEST_F(KeyPoolTest, CancelWaitsForACallThatIsRunning) {
  start(1);
  std::atomic<bool> entered = false;
  std::atomic<bool> may_leave = false;
  std::atomic<bool> left = false;
  KeyPool::Wait wait;
  EXPECT_EQ(pool_->take("a", wait,
                        [&](const KeyPtr&) {
                          entered = true;
                          entered.notify_all();
                          may_leave.wait(false);
                          left = true;
                        }),
            nullptr);
  maker_.allow(1);
  entered.wait(false);
  std::thread releaser([&] {
    may_leave = true;
    may_leave.notify_all();
  });
  wait.cancel();
  EXPECT_TRUE(left);
  releaser.join();
}

TEST_F(KeyPoolTest, ACallbackMayUseThePoolAndItsOwnWait) {
  start(0);
  KeyPool::Wait first;
  KeyPool::Wait second;
  std::atomic<int> calls = 0;
  EXPECT_EQ(pool_->take("a", first,
                        [&](KeyPtr key) {
                          first.cancel();
                          EXPECT_EQ(pool_->take("a", second, [&](const KeyPtr&) { ++calls; }), nullptr);
                          pool_->give_back(std::move(key));  // goes to the second at once
                          ++calls;
                        }),
            nullptr);
  maker_.allow(1);
  eventually([&] { return calls == 2; });
}

TEST_F(KeyPoolTest, NoCallAfterCancelOnAnyTiming) {
  maker_.allow(kUnlimited);
  start(0, 2);
  for (int i = 0; i < 50; ++i) {
    auto alive = std::make_unique<int>(0);  // a call after cancel() would touch freed memory
    KeyPool::Wait wait;
    std::atomic<bool> called = false;
    pool_->take("a", wait, [&, raw = alive.get()](const KeyPtr&) {
      *raw += 1;
      called = true;
    });
    if (i % 2 == 0) eventually([&] { return called.load(); });
    wait.cancel();
    alive.reset();
  }
}

TEST_F(KeyPoolTest, AnUnusedKeyGoesBack) {
  maker_.allow(2);
  start(2);
  wait_until_ready(2);
  auto taker = take("a", "a1");
  const classic::PrivateKey* key = taker->at_once.get();
  EXPECT_EQ(pool_->view().ready, 1U);
  pool_->give_back(std::move(taker->at_once));
  EXPECT_EQ(pool_->view().ready, 2U);
  EXPECT_EQ(take("a", "a2")->at_once.get(), key);
}

TEST_F(KeyPoolTest, AFullPoolDropsWhatComesBack) {
  maker_.allow(2);
  start(1);
  wait_until_ready(1);
  auto taker = take("a", "a1");
  wait_until_ready(1);
  const std::weak_ptr<const classic::PrivateKey> watch = taker->at_once;
  pool_->give_back(std::move(taker->at_once));
  EXPECT_EQ(pool_->view().ready, 1U);
  EXPECT_TRUE(watch.expired());
}

TEST_F(KeyPoolTest, AKeyThatComesBackGoesToWhoeverWaits) {
  maker_.allow(1);
  start(1);
  wait_until_ready(1);
  auto holder = take("a", "a1");
  const classic::PrivateKey* key = holder->at_once.get();
  auto waiter = take("b", "b1");
  ASSERT_EQ(waiter->at_once, nullptr);
  pool_->give_back(std::move(holder->at_once));
  EXPECT_EQ(served(), std::vector<std::string>{"b1"});
  EXPECT_EQ(later_key(0).get(), key);
}

TEST_F(KeyPoolTest, RotationEmptiesThePoolAndRefusesOlderKeys) {
  maker_.allow(3);
  start(3);
  wait_until_ready(3);
  auto taker = take("a", "a1");
  pool_->rotate();
  EXPECT_EQ(pool_->view().ready, 0U);
  const std::weak_ptr<const classic::PrivateKey> watch = taker->at_once;
  pool_->give_back(std::move(taker->at_once));
  EXPECT_EQ(pool_->view().ready, 0U);
  EXPECT_TRUE(watch.expired());
  EXPECT_TRUE(pool_->view().empty_for.has_value());
  maker_.allow(3);
  // One of these was under way while the pool was emptied, or none.
  eventually([&] { return pool_->view().ready >= 2; });
}

TEST_F(KeyPoolTest, NoCapacityMeansAKeyForEachDemand) {
  maker_.allow(kUnlimited);
  start(0);
  EXPECT_FALSE(pool_->view().empty_for.has_value());
  auto taker = take("a", "a1");
  EXPECT_EQ(taker->at_once, nullptr);
  eventually([&] { return served().size() == 1; });
  EXPECT_EQ(pool_->view().ready, 0U);
  EXPECT_EQ(pool_->view().capacity, 0U);
  EXPECT_FALSE(pool_->view().empty_for.has_value());
  EXPECT_EQ(pool_->generate_seconds().count(), 1U);
}

TEST_F(KeyPoolTest, SaysHowLongItHasBeenEmpty) {
  start(1);
  EXPECT_EQ(pool_->view().empty_for, std::chrono::seconds(0));
  maker_.allow(1);
  wait_until_ready(1);
  EXPECT_FALSE(pool_->view().empty_for.has_value());
  auto taker = take("a", "a1");
  EXPECT_TRUE(pool_->view().empty_for.has_value());
}

TEST_F(KeyPoolTest, ASharedKeyIsTheSameForAllOnceItIsThere) {
  start_shared(0ms);
  EXPECT_TRUE(pool_->view().empty_for.has_value());
  auto early = take("a", "a1");
  auto another = take("b", "b1");
  EXPECT_EQ(early->at_once, nullptr);
  maker_.allow(1);
  eventually([&] { return served().size() == 2; });
  auto late = take("c", "c1");
  EXPECT_EQ(later_key(0), later_key(1));
  EXPECT_EQ(late->at_once, later_key(0));
  EXPECT_FALSE(pool_->view().empty_for.has_value());
  EXPECT_EQ(pool_->view().ready, 1U);
  EXPECT_EQ(pool_->view().keys, ClassicKeys::shared);
  pool_->give_back(late->at_once);
  EXPECT_EQ(pool_->view().ready, 1U);
}

TEST_F(KeyPoolTest, ASharedKeyIsReplacedAfterItsLifetime) {
  maker_.allow(kUnlimited);
  start_shared(10ms);
  wait_until_ready(1);
  const KeyPtr first = take("a", "a1")->at_once;
  eventually([&] { return take("a", "a2")->at_once != first; });
  EXPECT_FALSE(first->public_pem().empty());  // whoever holds the old one keeps it
}

TEST_F(KeyPoolTest, ASharedKeyWithoutLifetimeIsReplacedByRotationAlone) {
  maker_.allow(1);
  start_shared(0ms);
  wait_until_ready(1);
  const KeyPtr first = take("a", "a1")->at_once;
  pool_->rotate();
  EXPECT_EQ(take("a", "a2")->at_once, first);  // until the new one is made
  maker_.allow(1);
  eventually([&] { return take("a", "a3")->at_once != first; });
}

TEST_F(KeyPoolTest, PendingTakesAreDroppedWithThePoolAndWaitsOutliveIt) {
  start(1);
  auto taker = take("a", "a1");
  auto other = take("a", "a2");
  maker_.allow(1);  // what is being made is waited for
  eventually([&] { return served().size() == 1; });
  maker_.allow(kUnlimited);
  pool_.reset();
  const std::size_t calls = served().size();
  other->wait.cancel();
  EXPECT_EQ(served().size(), calls);
}

TEST_F(KeyPoolTest, TheFirstKeyIsMadeAtOrdinaryPriorityAndTheRestBelow) {
  const int ordinary = niceness_of_this_thread();
  maker_.allow(2);
  start(2);
  wait_until_ready(2);
  EXPECT_THAT(maker_.niceness(), testing::ElementsAre(ordinary, testing::Gt(ordinary)));
}

TEST_F(KeyPoolTest, ASharedKeyIsReplacedAtLowPriorityButNotMadeAtIt) {
  const int ordinary = niceness_of_this_thread();
  maker_.allow(2);
  start_shared(0ms);
  wait_until_ready(1);
  pool_->rotate();
  eventually([&] { return maker_.niceness().size() == 2; });
  EXPECT_THAT(maker_.niceness(), testing::ElementsAre(ordinary, testing::Gt(ordinary)));
}

TEST_F(KeyPoolTest, WhoWaitsIsMadeAKeyAtOrdinaryPriorityToo) {
  const int ordinary = niceness_of_this_thread();
  maker_.allow(2);
  start(2);
  wait_until_ready(2);
  const auto first = take("a", "a1"), second = take("a", "a2"), waiting = take("b", "b1");
  eventually([&] { return maker_.niceness().size() == 4; });
  const std::vector<int> all = maker_.niceness();
  EXPECT_THAT(std::vector(all.begin() + 2, all.end()), testing::UnorderedElementsAre(ordinary, testing::Gt(ordinary)));
}

TEST_F(KeyPoolTest, ManyThreadsTakeGiveBackAndCancel) {
  maker_.allow(kUnlimited);
  start(4, 2);
  wait_until_ready(4);
  std::atomic<int> got = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        KeyPool::Wait wait;
        KeyPtr key = pool_->take(std::to_string(t % 2), wait, [&](KeyPtr late) {
          ++got;
          pool_->give_back(std::move(late));
        });
        if (key != nullptr) {
          ++got;
          pool_->give_back(std::move(key));
        }
        if (i % 50 == 0) pool_->rotate();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool_->view().waiting, 0U);
  EXPECT_GT(got, 0);
  wait_until_ready(4);
}

}  // namespace
}  // namespace parley::rsa
