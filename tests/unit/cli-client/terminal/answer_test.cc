#include "cli-client/terminal/answer.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

std::optional<Answer> read(std::string_view line) { return read_answer(line, {"skip", "overwrite", "rename"}); }

TEST(Answer, IsAWordOrItsBeginningInEitherCase) {
  for (const char* line : {"o", "O", "ov", "overwrite", "Overwrite", "OVERWRITE", "  overwrite \r\n", "o\n"}) {
    const auto answer = read(line);
    ASSERT_TRUE(answer) << line;
    EXPECT_EQ(answer->word, 1U) << line;
    EXPECT_FALSE(answer->all) << line;
  }
}

TEST(Answer, IsForAllOnlyWhenThatIsSaid) {
  for (const char* line : {"s all", "S ALL", "skip all\n", "Skip \t All"}) {
    const auto answer = read(line);
    ASSERT_TRUE(answer) << line;
    EXPECT_EQ(answer->word, 0U) << line;
    EXPECT_TRUE(answer->all) << line;
  }
}

TEST(Answer, IsNoneOfOtherWords) {
  for (const char* line : {"", "\n", "all", "x", "overwritten", "oo", "skip it", "skip all all", "s,o"}) {
    EXPECT_FALSE(read(line)) << line;
  }
}

TEST(Answer, YesIsAWordToo) {
  for (const char* line : {"y", "Y", "ye", "yes", "Yes", "YES", " yes\n"}) EXPECT_TRUE(is_yes(line)) << line;
  for (const char* line : {"", "n", "no", "No", "yess", "yo", "yes all", "1"}) EXPECT_FALSE(is_yes(line)) << line;
}

}  // namespace
}  // namespace parley::client
