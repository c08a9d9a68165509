// That unpad() takes the same way whatever the padding is: the compiler calls __sanitizer_cov_trace_pc() at each
// branch's every side (-fsanitize-coverage=trace-pc, of this source alone), and what is called from must be the same
// each time. It does not show that no address depends on a secret.
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <cstdint>
#include <string>
#include <vector>

// A copy of its own, so that the library's is not traced.
#define unpad traced_unpad
#include "protocol/classic/padding.cc"
#undef unpad

#if defined(__clang__)
#define PARLEY_NOT_TRACED __attribute__((no_sanitize("coverage")))
#else
#define PARLEY_NOT_TRACED __attribute__((no_sanitize_coverage))
#endif

namespace parley::classic {
namespace {

bool tracing = false;
std::uint64_t way = 0;    // a hash of all places passed
std::uint64_t steps = 0;  // how many

}  // namespace

extern "C" PARLEY_NOT_TRACED void __sanitizer_cov_trace_pc() {
  if (!tracing) return;
  way = way * 1099511628211U + reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  ++steps;
}

namespace {

constexpr std::size_t kBytes = 128;
using Block = std::array<std::byte, kBytes>;

Block padded(std::size_t separator) {
  Block block;
  block.fill(std::byte{0x55});
  block[0] = std::byte{0};
  block[1] = std::byte{2};
  if (separator < kBytes) block[separator] = std::byte{0};
  return block;
}

Block of_another_type() {
  Block block = padded(20);
  block[1] = std::byte{1};
  return block;
}

Block not_beginning_with_zero() {
  Block block = padded(20);
  block[0] = std::byte{1};
  return block;
}

struct Way {
  std::uint64_t hash, steps;
  bool operator==(const Way&) const = default;
};

Way way_of(const Block& from, unsigned char block_of) {
  Block block;
  block.fill(std::byte{block_of});
  Block message;
  const std::array<std::byte, 32> secret{};
  way = steps = 0;
  tracing = true;
  traced_unpad(from, block, secret, message);
  tracing = false;
  return {way, steps};
}

TEST(PaddingFlow, IsTheSameForGoodPaddingAndBad) {
#ifdef PARLEY_SANITIZED
  GTEST_SKIP() << "a sanitizer has branches of its own";
#endif
  (void)way_of(padded(20), 1);  // the first call fetches the algorithm
  const Way expected = way_of(padded(20), 1);
  ASSERT_GT(expected.steps, kBytes) << "nothing is traced";
  for (unsigned char block = 1; block < 20; ++block) {
    for (const std::size_t separator : std::initializer_list<std::size_t>{2, 9, 10, 11, 64, 127, kBytes}) {
      EXPECT_EQ(way_of(padded(separator), block), expected) << separator;
    }
    EXPECT_EQ(way_of(of_another_type(), block), expected);
    EXPECT_EQ(way_of(not_beginning_with_zero(), block), expected);
  }
}

}  // namespace
}  // namespace parley::classic
