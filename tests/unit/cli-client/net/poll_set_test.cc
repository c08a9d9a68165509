#include "cli-client/net/poll_set.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

namespace parley::client {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
  }
  void fill() const { EXPECT_EQ(::write(write.get(), "x", 1), 1); }
  Descriptor read, write;
};

bool ready(const PollSet& set) {
  pollfd fd = set.wanted();
  return ::poll(&fd, 1, 0) == 1;
}

TEST(PollSet, IsReadyWhenOneOfThemIs) {
  const Pipe a;
  const Pipe b;
  PollSet set;
  ASSERT_EQ(set.error(), 0);
  set.watch(std::array{pollfd{a.read.get(), POLLIN, 0}, pollfd{b.read.get(), POLLIN, 0}, pollfd{-1, 0, 0}});
  EXPECT_FALSE(ready(set));
  b.fill();
  EXPECT_TRUE(ready(set));
  set.watch(std::array{pollfd{a.read.get(), POLLIN, 0}});
  EXPECT_FALSE(ready(set)) << "those that are watched no longer do not count";
  set.watch(std::array{pollfd{a.write.get(), POLLOUT, 0}});
  EXPECT_TRUE(ready(set));
}

TEST(PollSet, ADescriptorMayBeClosedAndItsNumberComeAgain) {
  PollSet set;
  int number = -1;
  {
    const Pipe closed;
    number = closed.read.get();
    set.watch(std::array{pollfd{number, POLLIN, 0}});
  }
  const Pipe next;
  ASSERT_EQ(next.read.get(), number);
  next.fill();
  set.watch(std::array{pollfd{number, POLLIN, 0}});
  EXPECT_TRUE(ready(set));
}

}  // namespace
}  // namespace parley::client
