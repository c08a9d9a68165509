#include "admin-api/http/connection_slots.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <future>
#include <thread>

namespace parley {
namespace {

class Pair {
 public:
  Pair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds_.data()), 0); }
  ~Pair() {
    for (const int fd : fds_) ::close(fd);
  }
  int mine() const { return fds_[0]; }
  bool cut() const {
    char byte;
    return ::recv(fds_[0], &byte, 1, MSG_DONTWAIT) == 0;
  }

 private:
  std::array<int, 2> fds_{};
};

TEST(ConnectionSlots, CutsTheLongestWaiting) {
  ConnectionSlots slots(2);
  const Pair first, second, third;
  ASSERT_TRUE(slots.claim(first.mine()));
  ASSERT_TRUE(slots.claim(second.mine()));
  slots.end_wait(first.mine());
  slots.begin_wait(first.mine());  // so the second has now waited longer
  auto claimed = std::async(std::launch::async, [&] { return slots.claim(third.mine()); });
  char byte;
  EXPECT_EQ(::recv(second.mine(), &byte, 1, 0), 0);  // returns when it is cut
  EXPECT_FALSE(first.cut());
  slots.release(second.mine());
  EXPECT_TRUE(claimed.get());
  EXPECT_FALSE(third.cut());
}

TEST(ConnectionSlots, BusyConnectionsAreLeftAlone) {
  ConnectionSlots slots(2);
  const Pair busy, waiting, next;
  ASSERT_TRUE(slots.claim(busy.mine()));
  slots.end_wait(busy.mine());
  ASSERT_TRUE(slots.claim(waiting.mine()));
  auto claimed = std::async(std::launch::async, [&] { return slots.claim(next.mine()); });
  std::array<pollfd, 2> either{{{busy.mine(), POLLIN, 0}, {waiting.mine(), POLLIN, 0}}};
  EXPECT_GT(::poll(either.data(), either.size(), -1), 0);  // returns when one is cut
  EXPECT_FALSE(busy.cut());
  EXPECT_TRUE(waiting.cut());
  slots.release(waiting.mine());
  EXPECT_TRUE(claimed.get());
}

TEST(ConnectionSlots, CutsOneForEachWhoComes) {
  ConnectionSlots slots(2);
  const Pair first, second, next;
  ASSERT_TRUE(slots.claim(first.mine()));
  ASSERT_TRUE(slots.claim(second.mine()));
  auto claimed = std::async(std::launch::async, [&] { return slots.claim(next.mine()); });
  char byte;
  EXPECT_EQ(::recv(first.mine(), &byte, 1, 0), 0);
  // Each wakes who claims, which has its slot in sight already.
  for (int i = 0; i < 1000; ++i) {
    slots.end_wait(second.mine());
    slots.begin_wait(second.mine());
    std::this_thread::yield();
  }
  slots.release(first.mine());
  EXPECT_TRUE(claimed.get());
  EXPECT_FALSE(second.cut());
}

TEST(ConnectionSlots, WhoWaitsAgainMayBeCut) {
  ConnectionSlots slots(1);
  const Pair busy, next;
  ASSERT_TRUE(slots.claim(busy.mine()));
  slots.end_wait(busy.mine());
  auto claimed = std::async(std::launch::async, [&] { return slots.claim(next.mine()); });
  slots.begin_wait(busy.mine());
  char byte;
  EXPECT_EQ(::recv(busy.mine(), &byte, 1, 0), 0);
  slots.release(busy.mine());
  EXPECT_TRUE(claimed.get());
}

TEST(ConnectionSlots, CloseCutsAllAndLetsNobodyIn) {
  ConnectionSlots slots(2);
  const Pair first, second, third;
  ASSERT_TRUE(slots.claim(first.mine()));
  ASSERT_TRUE(slots.claim(second.mine()));
  slots.end_wait(second.mine());
  slots.close();
  EXPECT_TRUE(first.cut());
  EXPECT_TRUE(second.cut());
  EXPECT_FALSE(slots.claim(third.mine()));
}

TEST(ConnectionSlots, CloseEndsAClaimThatWaits) {
  ConnectionSlots slots(1);
  const Pair busy, next;
  ASSERT_TRUE(slots.claim(busy.mine()));
  slots.end_wait(busy.mine());
  auto claimed = std::async(std::launch::async, [&] { return slots.claim(next.mine()); });
  slots.close();
  EXPECT_FALSE(claimed.get());
}

}  // namespace
}  // namespace parley
