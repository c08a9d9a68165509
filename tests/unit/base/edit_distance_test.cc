#include "base/edit_distance.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", "axc"), 1U);
  EXPECT_EQ(edit_distance("abc", "acb"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(EditDistance, SuggestsTheFewestEdits) {
  const std::vector<std::string> words{"classic-listen", "admin-listen", "shards", "workers"};
  EXPECT_EQ(nearest("shard", words), "shards");
  EXPECT_EQ(nearest("hsards", words), "shards") << "two letters swapped";
  EXPECT_EQ(nearest("classic_listen", words), "classic-listen");
  EXPECT_EQ(nearest("admin-lisetn", words), "admin-listen");
  EXPECT_EQ(nearest("shards", words), "shards");
  const std::vector<std::string> options{"--linger", "--turns", "--timeout", "classic"};
  EXPECT_EQ(nearest("--lingr", options), "--linger");
  EXPECT_EQ(nearest("--time-out", options), "--timeout");
  EXPECT_EQ(nearest("clasic", options), "classic");
}

TEST(EditDistance, SuggestsNothingWhenNothingIsNear) {
  const std::vector<std::string> words{"classic-listen", "shards"};
  EXPECT_EQ(nearest("frobnicate", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest("x", words), "");
  EXPECT_EQ(nearest(std::string(100'000, 's'), words), "");
  EXPECT_EQ(nearest("shard", {}), "");
}

}  // namespace
}  // namespace parley
