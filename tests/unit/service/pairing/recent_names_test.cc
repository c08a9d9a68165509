#include "service/pairing/recent_names.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

namespace parley {
namespace {

constexpr std::uint32_t kMost = RecentNames::kMost;

relay::SessionName name(std::uint32_t number) {
  relay::SessionName name{};
  std::memcpy(name.data(), &number, sizeof number);
  return name;
}

// All in the same chain, which the first two bytes choose.
relay::SessionName chained(std::uint32_t number) {
  relay::SessionName name{};
  std::memcpy(name.data() + 2, &number, sizeof number);
  return name;
}

TEST(RecentNamesTest, RemembersTheLastOnesOnly) {
  RecentNames names;
  constexpr std::uint32_t kAdded = 3 * kMost + 10;
  for (std::uint32_t i = 0; i < kAdded; ++i) {
    ASSERT_FALSE(names.contains(name(i)));
    names.add(name(i));
  }
  for (std::uint32_t i = 0; i < kAdded; ++i) ASSERT_EQ(names.contains(name(i)), i >= kAdded - kMost) << i;
}

TEST(RecentNamesTest, ForgetsTheOldestOfAFullChain) {
  RecentNames names;
  for (std::uint32_t i = 0; i < kMost + 3; ++i) names.add(chained(i));
  for (const std::uint32_t i : {0U, 1U, 2U}) EXPECT_FALSE(names.contains(chained(i))) << i;
  for (const std::uint32_t i : {3U, kMost / 2, kMost + 2}) EXPECT_TRUE(names.contains(chained(i))) << i;
}

}  // namespace
}  // namespace parley
