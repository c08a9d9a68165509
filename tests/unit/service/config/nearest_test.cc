#include "service/config/nearest.h"

#include <gtest/gtest.h>

namespace parley::config {
namespace {

TEST(ConfigNearest, SuggestsTheFewestEdits) {
  const std::vector<std::string> words{"classic-listen", "admin-listen", "shards", "workers"};
  EXPECT_EQ(nearest("shard", words), "shards");
  EXPECT_EQ(nearest("hsards", words), "shards") << "two letters swapped";
  EXPECT_EQ(nearest("classic_listen", words), "classic-listen");
  EXPECT_EQ(nearest("admin-lisetn", words), "admin-listen");
  EXPECT_EQ(nearest("shards", words), "shards");
}

TEST(ConfigNearest, SuggestsNothingWhenNothingIsNear) {
  const std::vector<std::string> words{"classic-listen", "shards"};
  EXPECT_EQ(nearest("frobnicate", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest("x", words), "");
  EXPECT_EQ(nearest(std::string(100'000, 's'), words), "");
  EXPECT_EQ(nearest("shard", {}), "");
}

}  // namespace
}  // namespace parley::config
