#include "cli-client/terminal/text_check.h"

#include <gtest/gtest.h>

#include <string>

namespace parley::client {
namespace {

using namespace std::string_literals;

// Whether it is taken whole, in two pieces however it is divided, and byte by byte: all must say the same.
bool is_text(const std::string& text) {
  const bool whole = TextCheck().takes(text);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    TextCheck check;
    const bool first = check.takes(text.substr(0, cut));
    EXPECT_EQ(first && check.takes(text.substr(cut)), whole) << text << " at " << cut;
  }
  TextCheck check;
  bool each = true;
  for (const char c : text) each = check.takes(std::string(1, c)) && each;
  EXPECT_EQ(each, whole) << text;
  return whole;
}

TEST(TextCheck, TakesWhatIsOnlyShown) {
  for (const std::string& text : {""s, "plain\n"s, "tab\tand\r\nDOS\r\n"s, "Grüße, 日本 😀\u200d\n"s, "\n\n"s}) {
    EXPECT_TRUE(is_text(text + "x")) << text;
  }
}

TEST(TextCheck, RefusesWhatSteersATerminal) {
  for (const std::string& text : {"\x1b[2J"s, "\x1b]0;title\x07"s, "over\rwritten"s, "a\bb"s, "nul\0"s, "\x7f"s, "\f"s,
                                  "\xc2\x9b;31m"s, "\r\r\n"s}) {
    EXPECT_FALSE(is_text("before " + text + " behind")) << text;
  }
}

TEST(TextCheck, RefusesWhatIsNotUtf8) {
  for (const std::string& text :
       {"\xff"s, "\x80"s, "\xc3("s, "\xe2\x82("s, "\xed\xa0\x80"s, "\xc0\xaf"s, "\xf0\x80\x80\xaf"s}) {
    EXPECT_FALSE(is_text(text + " behind"));
  }
}

TEST(TextCheck, HoldsNothingBackThatIsInThePieceAlready) {
  for (const char* piece : {"\xf0\x1b[", "\xe2\x1b", "\xc3\x1b", "\xf0\x9f\r"}) EXPECT_FALSE(TextCheck().takes(piece));
}

TEST(TextCheck, OnceItIsNoTextItStaysSo) {
  TextCheck check;
  EXPECT_TRUE(check.takes("good"));
  EXPECT_FALSE(check.takes("\x1b"));
  EXPECT_FALSE(check.takes("good"));
}

}  // namespace
}  // namespace parley::client
