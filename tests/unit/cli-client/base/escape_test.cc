#include "cli-client/base/escape.h"

#include <gtest/gtest.h>

#include <string>

namespace parley::client {
namespace {

using namespace std::string_literals;

struct EscapeCase {
  const char* name;
  std::string text;
  std::string shown;
};

class Escape : public testing::TestWithParam<EscapeCase> {};

TEST_P(Escape, Shows) { EXPECT_EQ(escape(GetParam().text), GetParam().shown); }

INSTANTIATE_TEST_SUITE_P(
    Text, Escape,
    testing::Values(
        EscapeCase{"Empty", "", ""}, EscapeCase{"Plain", "hello\tworld \\x1b", "hello\tworld \\x1b"},
        EscapeCase{"Unicode", "grüß 日本 😀 עברית", "grüß 日本 😀 עברית"},
        EscapeCase{"TerminalSequence", "\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07"},
        EscapeCase{"Nul", "a\0b"s, "a\\x00b"}, EscapeCase{"LineEnds", "a\r\nb", "a\\x0d\\x0ab"},
        EscapeCase{"UnitSeparatorAndSpace", "\x1f ", "\\x1f "}, EscapeCase{"Delete", "~\x7f", "~\\x7f"},
        EscapeCase{"C1First", "\xc2\x80", "\\u0080"}, EscapeCase{"C1Csi", "\xc2\x9b", "\\u009b"},
        EscapeCase{"C1Last", "\xc2\x9f", "\\u009f"}, EscapeCase{"AfterC1", "\xc2\xa0", "\xc2\xa0"},
        EscapeCase{"LineSeparator", "\xe2\x80\xa8", "\\u2028"},
        EscapeCase{"RightToLeftOverride", "\xe2\x80\xaegpj", "\\u202egpj"},
        EscapeCase{"BeforeSeparators", "\xe2\x80\xa7", "\xe2\x80\xa7"},
        EscapeCase{"AfterOverrides", "\xe2\x80\xaf", "\xe2\x80\xaf"},
        EscapeCase{"BeforeInvisibles", "\xe2\x81\x9f", "\xe2\x81\x9f"},
        EscapeCase{"Invisibles", "\xe2\x80\x8b\xe2\x81\xa0\xe2\x81\xaf\xef\xbb\xbf", "\\u200b\\u2060\\u206f\\ufeff"},
        EscapeCase{"AfterInvisibles", "\xe2\x81\xb0", "\xe2\x81\xb0"},
        EscapeCase{"Joiners", "\xe2\x80\x8c\xe2\x80\x8d", "\xe2\x80\x8c\xe2\x80\x8d"},
        EscapeCase{"MarksOfDirection", "\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", "\\u061c\\u200e\\u200f"},
        EscapeCase{"Isolate", "\xe2\x81\xa6", "\\u2066"}, EscapeCase{"PopIsolate", "\xe2\x81\xa9", "\\u2069"},
        EscapeCase{"LoneContinuation", "\x80z", "\\x80z"}, EscapeCase{"OverlongSlash", "\xc0\xaf", "\\xc0\\xaf"},
        EscapeCase{"OverlongThree", "\xe0\x80\x9b", "\\xe0\\x80\\x9b"},
        EscapeCase{"OverlongFour", "\xf0\x80\x80\x9b", "\\xf0\\x80\\x80\\x9b"},
        EscapeCase{"Surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
        EscapeCase{"LastCharacter", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
        EscapeCase{"BeyondUnicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
        EscapeCase{"CutShort", "a\xe2\x82", "a\\xe2\\x82"}, EscapeCase{"CutByAscii", "\xe2\x82z", "\\xe2\\x82z"},
        EscapeCase{"CutByControl", "\xe2\x1b[m", "\\xe2\\x1b[m"}, EscapeCase{"NotUtf8", "\xff\xfe", "\\xff\\xfe"}),
    [](const auto& param) { return param.param.name; });

TEST(EscapeBytes, NoControlByteEverComesThrough) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string shown = escape(std::string{static_cast<char>(first), static_cast<char>(second)});
      for (const char c : shown) {
        const auto byte = static_cast<unsigned char>(c);
        EXPECT_TRUE((byte >= 0x20 && byte != 0x7f) || byte == '\t') << first << " " << second;
      }
    }
  }
}

TEST(Escape, LinesStayLinesOnlyWhereThatIsSafe) {
  EXPECT_EQ(escape("a\nb"), "a\\x0ab");
  EXPECT_EQ(escape_lines("a\nb\r\x1b\n"), "a\nb\\x0d\\x1b\n");
  EXPECT_EQ(escape_lines(""), "");
}

}  // namespace
}  // namespace parley::client
