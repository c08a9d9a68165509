#include "base/trim.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(Trim, TakesWhiteSpaceOffBothEnds) {
  EXPECT_EQ(trim(" \t\r\n\v\f a b\r\n"), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(Trim, LeavesOtherBlanksThanTheNamedOnes) {
  EXPECT_EQ(trim("\n a ", " "), "\n a");
  EXPECT_EQ(trim("\xc2\xa0"), "\xc2\xa0");
}

}  // namespace
}  // namespace parley
