#include "service/loop/gate.h"

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

namespace parley {
namespace {

class GateTest : public ::testing::Test {
 protected:
  void run() {
    io_.restart();
    io_.poll();
  }
  // Inside until `leave` is notified.
  bool enter(Event& leave) {
    return gate_.spawn(io_.get_executor(), [](Event& event) -> awaitable<void> { co_await event.wait(); }(leave));
  }
  // A second gate, as who waits for the first needs one too.
  void await_close() {
    ASSERT_TRUE(outer_.spawn(io_.get_executor(), [](Gate& gate, bool& closed) -> awaitable<void> {
      co_await gate.close();
      closed = true;
    }(gate_, closed_)));
    run();
  }

  asio::io_context io_;
  Event first_;
  Event second_;
  bool closed_ = false;
  Gate gate_;
  Gate outer_;
};

TEST_F(GateTest, CountsWhatIsInside) {
  EXPECT_TRUE(enter(first_));
  EXPECT_TRUE(enter(second_));
  run();
  EXPECT_EQ(gate_.inside(), 2u);
  first_.notify();
  run();
  EXPECT_EQ(gate_.inside(), 1u);
  second_.notify();
  run();
  EXPECT_EQ(gate_.inside(), 0u);
}

TEST_F(GateTest, CloseReturnsOnceEveryoneHasLeft) {
  enter(first_);
  enter(second_);
  await_close();
  EXPECT_TRUE(gate_.closed());
  EXPECT_FALSE(closed_);
  first_.notify();
  run();
  EXPECT_FALSE(closed_);
  second_.notify();
  run();
  EXPECT_TRUE(closed_);
}

TEST_F(GateTest, CloseReturnsAtOnceWhenNobodyIsInsideAndMayBeAskedAgain) {
  await_close();
  EXPECT_TRUE(closed_);
  closed_ = false;
  await_close();
  EXPECT_TRUE(closed_);
}

TEST_F(GateTest, NothingComesInOnceItIsClosed) {
  bool begun = false;
  auto held = std::make_shared<int>();
  const auto work = [](bool& has_begun, std::shared_ptr<int>) -> awaitable<void> {
    has_begun = true;
    co_return;
  };
  enter(first_);
  await_close();
  EXPECT_FALSE(gate_.spawn(io_.get_executor(), work(begun, held)));
  EXPECT_EQ(held.use_count(), 1) << "what it was given has gone with it";
  first_.notify();
  run();
  EXPECT_TRUE(closed_);
  EXPECT_FALSE(gate_.spawn(io_.get_executor(), work(begun, held)));
  run();
  EXPECT_FALSE(begun);
  EXPECT_EQ(gate_.inside(), 0u);
}

TEST_F(GateTest, IsClosedFromTheCallOnNotFromTheAwait) {
  auto closing = gate_.close();
  EXPECT_FALSE(enter(first_));
  outer_.spawn(io_.get_executor(), std::move(closing));
  run();
  EXPECT_EQ(outer_.inside(), 0u);
}

// What is inside may ask for more, as a leg that ends does; close() is what stops it.
TEST_F(GateTest, WhoIsInsideCannotBringMoreInOnceItIsClosed) {
  std::optional<bool> came_in;
  const auto bring_in = [this, &came_in] { came_in = enter(second_); };
  gate_.spawn(io_.get_executor(), [](Event& go_on, std::function<void()> then) -> awaitable<void> {
    co_await go_on.wait();
    then();
  }(first_, bring_in));
  await_close();
  first_.notify();
  run();
  EXPECT_EQ(came_in, false);
  EXPECT_TRUE(closed_);
}

TEST_F(GateTest, WaitEmptyLeavesItOpen) {
  enter(first_);
  bool empty = false;
  outer_.spawn(io_.get_executor(), [](Gate& gate, bool& is_empty) -> awaitable<void> {
    co_await gate.wait_empty();
    is_empty = true;
  }(gate_, empty));
  run();
  EXPECT_FALSE(empty);
  first_.notify();
  run();
  EXPECT_TRUE(empty);
  EXPECT_TRUE(enter(second_));
  second_.notify();
  run();
}

}  // namespace
}  // namespace parley
