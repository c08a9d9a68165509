#include "base/hex.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

constexpr std::array<std::byte, 3> kBytes{std::byte{0x00}, std::byte{0x9f}, std::byte{0xff}};

TEST(Hex, IsWrittenInLowerCase) {
  EXPECT_EQ(to_hex(kBytes), "009fff");
  EXPECT_EQ(to_hex(std::span<const std::byte>()), "");
  std::string text = "\\x";
  append_hex(text, '\x1b');
  EXPECT_EQ(text, "\\x1b");
}

TEST(Hex, IsReadInEitherCase) {
  EXPECT_EQ(from_hex<3>("009fff"), kBytes);
  EXPECT_EQ(from_hex<3>("009FfF"), kBytes);
}

TEST(Hex, IsOfTheLengthThatIsWanted) {
  for (const char* text : {"", "009ff", "009fff0", "009fff00", "009ffg", "009f f", "0x9fff", "+09fff"})
    EXPECT_FALSE(from_hex<3>(text)) << text;
}

}  // namespace
}  // namespace parley
