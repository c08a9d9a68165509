#include "cli-client/base/suggestion.h"

#include <gtest/gtest.h>

#include <vector>

namespace parley::client {
namespace {

const std::vector<std::string> kNames = {"--linger", "--turns", "--timeout", "classic"};

TEST(Suggestion, FindsTheMistypedName) {
  EXPECT_EQ(nearest("--lingr", kNames), "--linger");
  EXPECT_EQ(nearest("--turn", kNames), "--turns");
  EXPECT_EQ(nearest("--time-out", kNames), "--timeout");
  EXPECT_EQ(nearest("clasic", kNames), "classic");
}

TEST(Suggestion, LeavesTheUnlikeAlone) {
  EXPECT_EQ(nearest("--colour", kNames), "");
  EXPECT_EQ(nearest("x", kNames), "");
  EXPECT_EQ(nearest("", kNames), "");
}

}  // namespace
}  // namespace parley::client
