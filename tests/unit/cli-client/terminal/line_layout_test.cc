#include "cli-client/terminal/line_layout.h"

#include <gtest/gtest.h>

#include <clocale>
#include <string>

namespace parley::client {
namespace {

class LineLayout : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr); }
  // The cursor's row behind all of `line`, after a prompt of five, ten columns wide.
  static std::size_t row(const std::wstring& line) { return cursor_row(L"you: ", line, line.size(), 10); }
};

TEST_F(LineLayout, ShortLineStaysInTheFirstRow) {
  EXPECT_EQ(row(L""), 0U);
  EXPECT_EQ(row(L"abcd"), 0U);
}

TEST_F(LineLayout, FullRowPutsTheCursorInTheNext) {
  EXPECT_EQ(row(L"abcde"), 1U);
  EXPECT_EQ(row(L"abcdefghijklmn"), 1U);
  EXPECT_EQ(row(L"abcdefghijklmno"), 2U);
}

TEST_F(LineLayout, CursorWithinTheLineCounts) {
  const std::wstring line(40, L'x');
  EXPECT_EQ(cursor_row(L"you: ", line, 0, 10), 0U);
  EXPECT_EQ(cursor_row(L"you: ", line, 5, 10), 1U);
  EXPECT_EQ(cursor_row(L"you: ", line, 40, 10), 4U);
}

TEST_F(LineLayout, WideCharactersDoNotSplitOverRows) {
  EXPECT_EQ(row(L"日本"), 0U);
  EXPECT_EQ(row(L"日本語"), 1U);
  // Two wide ones fill columns 5 to 8; the third does not fit column 9, so a cursor on it is in the next row.
  EXPECT_EQ(cursor_row(L"you: ", L"日本語", 2, 10), 1U);
  EXPECT_EQ(row(L"日本語日本語"), 1U);
  EXPECT_EQ(row(L"日本語日本語日"), 2U);
}

TEST_F(LineLayout, CombiningCharactersTakeNoRoom) { EXPECT_EQ(row(L"e\u0301e\u0301e\u0301e\u0301"), 0U); }

TEST_F(LineLayout, ControlsTakeTwoColumnsAndTabsGoToTheirStop) {
  EXPECT_EQ(row(L"\x1b\x01"), 0U);
  EXPECT_EQ(row(L"\x1b\x01z"), 1U);
  EXPECT_EQ(row(L"\tz"), 0U);
  EXPECT_EQ(row(L"\tyz"), 1U);
}

TEST_F(LineLayout, NoColumnsIsNoLayout) { EXPECT_EQ(cursor_row(L"you: ", L"abc", 3, 0), 0U); }

}  // namespace
}  // namespace parley::client
