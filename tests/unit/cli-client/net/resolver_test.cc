#include "cli-client/net/resolver.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>

namespace parley::client {
namespace {

TEST(Resolver, FindsANumericAddress) {
  Resolver resolver({"::1", 10443});
  pollfd fd{resolver.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&fd, 1, 60'000), 1);
  const auto found = resolver.take();
  ASSERT_TRUE(found);
  ASSERT_TRUE(*found) << found->error();
  ASSERT_EQ((*found)->size(), 1U);
  EXPECT_EQ((*found)->front().text(), "[::1]:10443");
}

// In the middle of a conversation that is an attempt that failed, and no end of the program.
TEST(Resolver, WithoutDescriptorsItIsAFailureLikeAnyOther) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit none = limit;
  none.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  Resolver resolver({"relay.example", 10443});
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(resolver.fd(), -1);
  const auto found = resolver.take();
  ASSERT_TRUE(found);
  ASSERT_FALSE(*found);
  EXPECT_NE(found->error().find("relay.example"), std::string::npos) << found->error();
}

}  // namespace
}  // namespace parley::client
