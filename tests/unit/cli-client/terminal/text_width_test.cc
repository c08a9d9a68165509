#include "cli-client/terminal/text_width.h"

#include <gtest/gtest.h>

#include <clocale>

namespace parley::client {
namespace {

class TextWidth : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr); }
};

TEST_F(TextWidth, CountsColumns) {
  EXPECT_EQ(columns_of("abc"), 3U);
  EXPECT_EQ(columns_of("日本"), 4U);
  EXPECT_EQ(columns_of("e\u0301"), 1U);
  EXPECT_EQ(columns_of("a\x1b\xff"), 1U);
}

TEST_F(TextWidth, FitsTheFront) {
  EXPECT_EQ(fit("connected · ok", 80), "connected · ok");
  EXPECT_EQ(fit("connected · ok", 11), "connected …");
  EXPECT_EQ(fit("日本語", 5), "日本…");
  EXPECT_EQ(fit("日本語", 4), "日…") << "half a character is none";
  EXPECT_EQ(fit("abc", 1), "…");
  EXPECT_EQ(fit("a\x1b[2J\xff", 80), "a[2J");
  EXPECT_EQ(fit("abc", 0), "");
}

TEST_F(TextWidth, FitsTheEnd) {
  EXPECT_EQ(fit_end("photos/1.jpg", 12), "photos/1.jpg");
  EXPECT_EQ(fit_end("photos/1.jpg", 6), "…1.jpg");
  EXPECT_EQ(fit_end("日本語", 5), "…本語");
  EXPECT_EQ(fit_end("日本語", 4), "…語") << "half a character is none";
  EXPECT_EQ(fit_end("abc", 1), "…");
  EXPECT_EQ(fit_end("abc", 0), "");
}

}  // namespace
}  // namespace parley::client
