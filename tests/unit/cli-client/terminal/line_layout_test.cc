#include "cli-client/terminal/line_layout.h"

#include <gtest/gtest.h>

#include <clocale>
#include <string>
#include <utility>
#include <vector>

namespace parley::client {
namespace {

using Rows = std::vector<std::string>;
using RowAndColumn = std::pair<std::size_t, std::size_t>;

class LineLayoutTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr); }
  // Ten columns wide.
  static Rows rows(std::string_view text) { return wrap(text, 10); }
  // The cursor's row and column.
  static RowAndColumn place(std::wstring_view text, std::size_t cursor) {
    const LineLayout layout = lay_out(text, cursor, 10);
    return {layout.cursor_row, layout.cursor_column};
  }
};

TEST_F(LineLayoutTest, BreaksAtBlanks) {
  EXPECT_EQ(rows(""), Rows{""});
  EXPECT_EQ(rows("one two"), Rows{"one two"});
  EXPECT_EQ(rows("one two three"), (Rows{"one two ", "three"}));
  EXPECT_EQ(rows("one twothr ee"), (Rows{"one twothr", "ee"})) << "a blank hangs over the edge";
  EXPECT_EQ(rows("one twothr   ee"), (Rows{"one twothr", "ee"}));
  EXPECT_EQ(rows("a bbbbbbbbbbbb c"), (Rows{"a ", "bbbbbbbbbb", "bb c"})) << "a word wider than a row is cut";
}

TEST_F(LineLayoutTest, LineFeedsBreakToo) {
  EXPECT_EQ(rows("a\nb"), (Rows{"a", "b"}));
  EXPECT_EQ(rows("a\n\n"), (Rows{"a", "", ""}));
  EXPECT_EQ(rows("aaaaaaaaaa\nb"), (Rows{"aaaaaaaaaa", "b"}));
}

TEST_F(LineLayoutTest, WideCharactersDoNotSplitOverRows) {
  EXPECT_EQ(rows("日本語日本語"), (Rows{"日本語日本", "語"}));
  EXPECT_EQ(rows("a日本語日本語"), (Rows{"a日本語日", "本語"}));
}

TEST_F(LineLayoutTest, WhatBelongsToACharacterStaysWithIt) {
  EXPECT_EQ(rows("aaaaaaaaae\u0301\u0323"), Rows{"aaaaaaaaae\u0301\u0323"});
  EXPECT_EQ(rows("aaaaaaaaaae\u0301"), (Rows{"aaaaaaaaaa", "e\u0301"}));
  const std::string family = "👩\u200d👩\u200d👧";  // wcwidth(3) has it six columns wide
  EXPECT_EQ(rows("aaaaaa" + family), (Rows{"aaaaaa", family}));
}

TEST_F(LineLayoutTest, TabsStopAndControlsAreEscaped) {
  EXPECT_EQ(rows("a\tb"), Rows{"a       b"});
  EXPECT_EQ(rows("a\x1b[2"), Rows{"a\\x1b[2"});
  EXPECT_EQ(rows("\u202e"), Rows{"\\u202e"});
}

TEST_F(LineLayoutTest, KnowsWhereTheCursorIs) {
  EXPECT_EQ(place(L"", 0), RowAndColumn(0, 0));
  EXPECT_EQ(place(L"abc", 3), RowAndColumn(0, 3));
  EXPECT_EQ(place(L"aaaaaaaaaa", 10), RowAndColumn(0, 10)) << "behind a full row";
  EXPECT_EQ(place(L"aaaaaaaaaab", 10), RowAndColumn(1, 0));
  EXPECT_EQ(place(L"one two three", 8), RowAndColumn(1, 0));
  EXPECT_EQ(place(L"one two three", 13), RowAndColumn(1, 5));
  EXPECT_EQ(place(L"a\nb", 1), RowAndColumn(0, 1));
  EXPECT_EQ(place(L"a\nb", 2), RowAndColumn(1, 0));
  EXPECT_EQ(place(L"a\n", 2), RowAndColumn(1, 0));
  EXPECT_EQ(place(L"aaaaaaaaaa   ", 13), RowAndColumn(0, 10)) << "not beyond the edge";
  EXPECT_EQ(place(L"日本", 1), RowAndColumn(0, 2));
  EXPECT_EQ(place(L"e\u0301x", 2), RowAndColumn(0, 1));
}

TEST_F(LineLayoutTest, OneColumnIsEnough) {
  EXPECT_EQ(wrap("ab c", 1), (Rows{"a", "b", "c"}));
  EXPECT_EQ(wrap("日本", 1), (Rows{"日", "本"}));
  EXPECT_EQ(wrap("ab", 0), (Rows{"a", "b"}));
}

}  // namespace
}  // namespace parley::client
