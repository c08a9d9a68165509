#include "service/net/tls_record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <new>
#include <span>

namespace parley {
namespace {

TEST(TrafficSecret, IsWipedWhenItGoes) {
  std::array<std::byte, TrafficSecret::kMaxBytes> bytes;
  bytes.fill(std::byte{0x55});
  alignas(TrafficSecret) std::byte memory[sizeof(TrafficSecret)];
  auto* secret = new (memory) TrafficSecret(bytes);
  ASSERT_TRUE(std::ranges::equal(secret->bytes(), bytes));
  secret->~TrafficSecret();
  // The bytes are this array's, whose lifetime goes on.
  EXPECT_EQ(std::ranges::search(std::span(memory), std::span(bytes).first(8)).size(), 0u);
}

}  // namespace
}  // namespace parley
