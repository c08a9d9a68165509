#include "cli-client/chat/files.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace parley::client {
namespace {

using Words = std::vector<std::string>;

TEST(SplitWords, QuotesAndBackslashesKeepBlanks) {
  ::setenv("HOME", "/people/ann", 1);
  EXPECT_EQ(split_words(""), Words{});
  EXPECT_EQ(split_words(" a  b\tc "), (Words{"a", "b", "c"}));
  EXPECT_EQ(split_words(R"(my\ file "an other" 'it''s' \"q)"), (Words{"my file", "an other", "its", "\"q"}));
  EXPECT_EQ(split_words(R"('\' "\"" "")"), (Words{"\\", "\"", ""}));
  EXPECT_EQ(split_words("~/a b~/c ~"), (Words{"/people/ann/a", "b~/c", "~"}));
  EXPECT_EQ(split_words("\"open"), std::nullopt);
}

}  // namespace
}  // namespace parley::client
