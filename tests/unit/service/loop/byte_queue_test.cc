#include "service/loop/byte_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>

#include "service/session/send_queue.h"
#include "tests/support/rounds.h"

namespace parley {
namespace {

TEST(ByteQueue, GivesBackInOrderUnderRandomUse) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  ByteQueue queue;
  std::deque<std::byte> model;
  for (int step = 0; step < test::rounds(2000); ++step) {
    const std::size_t count = random() % 100;
    switch (random() % 3) {
      case 0: {
        std::vector<std::byte> more(count);
        for (std::byte& byte : more) byte = static_cast<std::byte>(random());
        queue.append(more);
        model.insert(model.end(), more.begin(), more.end());
        break;
      }
      case 1: {
        const auto room = queue.extend(count);
        ASSERT_EQ(room.size(), count);
        for (std::byte& byte : room) model.push_back(byte = static_cast<std::byte>(random()));
        break;
      }
      default: {
        const std::size_t taken = std::min(count, model.size());
        queue.drop_front(taken);
        model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(taken));
      }
    }
    ASSERT_TRUE(std::ranges::equal(queue.front(), model));
  }
}

TEST(SendQueue, TellsWhichMessagesHaveGoneWhole) {
  SendQueue queue;
  const TimePoint first = TimePoint{} + std::chrono::seconds(1);
  const TimePoint second = TimePoint{} + std::chrono::seconds(2);
  queue.extend(10);
  queue.end_messages(first);
  queue.extend(5);
  queue.end_messages(second, 3);

  std::vector<TimePoint> gone;
  const auto note = [&](TimePoint read_at, std::size_t messages) { gone.insert(gone.end(), messages, read_at); };
  queue.drop_front(9, note);
  EXPECT_TRUE(gone.empty());
  queue.drop_front(1, note);
  EXPECT_EQ(gone, std::vector{first});
  queue.drop_front(5, note);
  EXPECT_EQ(gone, (std::vector{first, second, second, second}));
  EXPECT_TRUE(queue.empty());
}

// A reader that is always a little behind must not cost more with every message.
TEST(SendQueue, ForgetsWhatHasGoneAlsoWhenItIsNeverEmpty) {
  SendQueue queue;
  std::size_t gone = 0;
  std::size_t pending_most = 0;
  queue.extend(10);
  queue.end_messages({});
  for (int i = 0; i < 10'000; ++i) {
    queue.extend(10);
    queue.end_messages({});
    queue.drop_front(10, [&](TimePoint, std::size_t messages) { gone += messages; });
    pending_most = std::max(pending_most, queue.pending_ends());
  }
  EXPECT_EQ(gone, 10'000u);
  EXPECT_LE(pending_most, 4u);
}

}  // namespace
}  // namespace parley
