#include "cli-client/terminal/painter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::client {
namespace {

// Rows of ASCII, with the cursor behind the last.
Picture picture(const std::vector<std::string>& rows) {
  Picture picture;
  for (const std::string& row : rows) picture.rows.push_back({row, row.size()});
  picture.cursor_row = rows.size() - 1;
  picture.cursor_column = rows.back().size();
  return picture;
}

Picture picture(const std::vector<std::string>& rows, std::size_t row, std::size_t column) {
  Picture at = picture(rows);
  at.cursor_row = row;
  at.cursor_column = column;
  return at;
}

TEST(Painter, WritesWhatIsNotThere) {
  Painter painter;
  EXPECT_EQ(painter.paint(picture({"status", "you: a"})), "status\nyou: a");
  EXPECT_EQ(painter.paint(picture({"status", "you: a"})), "");
}

TEST(Painter, WhatIsTypedIsAllThatIsSent) {
  Painter painter;
  painter.paint(picture({"status", "you: a"}));
  EXPECT_EQ(painter.paint(picture({"status", "you: ab"})), "b");
  EXPECT_EQ(painter.paint(picture({"status", "you: ab", "     c"})), "\n     c");
}

TEST(Painter, AnotherStatusLeavesTheRest) {
  Painter painter;
  painter.paint(picture({"status", "you: a"}));
  EXPECT_EQ(painter.paint(picture({"other", "you: a"})), "\033[1A\r\033[Kother\033[1B\r\033[6C");
}

TEST(Painter, MovesTheCursor) {
  Painter painter;
  painter.paint(picture({"you: ab", "     c"}));
  EXPECT_EQ(painter.paint(picture({"you: ab", "     c"}, 0, 5)), "\033[1A\r\033[5C");
  EXPECT_EQ(painter.paint(picture({"you: ab", "     c"}, 1, 5)), "\033[1B");
}

TEST(Painter, TakesRowsAway) {
  Painter painter;
  painter.paint(picture({"status", "you: ab", "     c"}));
  EXPECT_EQ(painter.paint(picture({"status", "you: ab"})), "\r\033[J\033[1A\r\033[7C");
}

TEST(Painter, ErasesFromWhereItBegan) {
  Painter painter;
  EXPECT_EQ(painter.erase(), "");
  painter.paint(picture({"you: a"}));
  EXPECT_EQ(painter.erase(), "\r\033[K");
  painter.paint(picture({"status", "you: a", "     b"}));
  EXPECT_EQ(painter.erase(), "\r\033[2A\033[K\033[B\033[J\033[A");
  EXPECT_EQ(painter.paint(picture({"x"})), "x");
}

TEST(Painter, LeavesItBehind) {
  Painter painter;
  painter.paint(picture({"you: a", "     b"}, 0, 5));
  EXPECT_EQ(painter.leave(), "\033[1B\r\033[6C\n");
  EXPECT_EQ(painter.leave(), "");
}

TEST(Painter, KnowsWhatANarrowerWindowHasMadeOfIt) {
  Painter painter;
  painter.paint(picture({std::string(25, 's'), std::string(12, 'y')}));
  EXPECT_EQ(painter.erase_after_resize(10), "\r\033[4A\033[K\033[B\033[J\033[A");
  painter.paint(picture({"you: a"}));
  EXPECT_EQ(painter.erase_after_resize(100), "\r\033[K");
}

}  // namespace
}  // namespace parley::client
