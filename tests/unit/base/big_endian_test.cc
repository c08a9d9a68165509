#include "base/big_endian.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(BigEndian, HasTheHighestByteFirst) {
  Bytes bytes;
  append_number(bytes, 0x010203, 3);
  append_number(bytes, 0xff, 1);
  EXPECT_EQ(bytes, (Bytes{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{0xff}}));
  EXPECT_EQ(read_number(bytes), 0x010203ffU);
  EXPECT_EQ(read_number({}), 0U);
}

TEST(BigEndian, IsReadAsItIsWrittenInEachWidth) {
  for (std::size_t width = 1; width <= 8; ++width) {
    const std::uint64_t most = width == 8 ? UINT64_MAX : (std::uint64_t{1} << (8 * width)) - 1;
    for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, most / 2, most / 2 + 1, most}) {
      Bytes bytes(width);
      write_number(bytes, value);
      EXPECT_EQ(read_number(bytes), value) << width;
    }
  }
}

TEST(BigEndian, DropsWhatDoesNotFit) {
  Bytes bytes(1);
  write_number(bytes, 0x1234);
  EXPECT_EQ(bytes.front(), std::byte{0x34});
}

}  // namespace
}  // namespace parley
