#include "base/ascii.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(Ascii, LettersAloneHaveALowerCase) {
  for (int c = -128; c < 128; ++c) {
    const char given = static_cast<char>(c);
    EXPECT_EQ(to_lower(given), given >= 'A' && given <= 'Z' ? given + 32 : given);
  }
}

TEST(Ascii, IsEqualWhateverTheCaseOfLetters) {
  EXPECT_TRUE(equal_ignoring_case("Bearer-1", "bEARER-1"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
  EXPECT_FALSE(equal_ignoring_case("\xc4", "\xe4"));
}

}  // namespace
}  // namespace parley
