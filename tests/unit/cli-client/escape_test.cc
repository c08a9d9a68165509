#include "escape.h"

#include <gtest/gtest.h>

#include <string>

namespace parley::client {
namespace {

using namespace std::string_literals;

struct Case {
  const char* name;
  std::string text;
  std::string shown;
};

class Escape : public testing::TestWithParam<Case> {};

TEST_P(Escape, Shows) { EXPECT_EQ(escape(GetParam().text), GetParam().shown); }

INSTANTIATE_TEST_SUITE_P(
    Text, Escape,
    testing::Values(
        Case{"Empty", "", ""}, Case{"Plain", "hello\tworld \\x1b", "hello\tworld \\x1b"},
        Case{"Unicode", "grüß 日本 😀 עברית", "grüß 日本 😀 עברית"},
        Case{"TerminalSequence", "\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07"}, Case{"Nul", "a\0b"s, "a\\x00b"},
        Case{"LineEnds", "a\r\nb", "a\\x0d\\x0ab"}, Case{"UnitSeparatorAndSpace", "\x1f ", "\\x1f "},
        Case{"Delete", "~\x7f", "~\\x7f"}, Case{"C1First", "\xc2\x80", "\\u0080"}, Case{"C1Csi", "\xc2\x9b", "\\u009b"},
        Case{"C1Last", "\xc2\x9f", "\\u009f"}, Case{"AfterC1", "\xc2\xa0", "\xc2\xa0"},
        Case{"LineSeparator", "\xe2\x80\xa8", "\\u2028"}, Case{"RightToLeftOverride", "\xe2\x80\xaegpj", "\\u202egpj"},
        Case{"BeforeSeparators", "\xe2\x80\xa7", "\xe2\x80\xa7"},
        Case{"AfterOverrides", "\xe2\x80\xaf", "\xe2\x80\xaf"}, Case{"BeforeIsolates", "\xe2\x81\xa5", "\xe2\x81\xa5"},
        Case{"Isolate", "\xe2\x81\xa6", "\\u2066"}, Case{"PopIsolate", "\xe2\x81\xa9", "\\u2069"},
        Case{"LoneContinuation", "\x80z", "\\x80z"}, Case{"OverlongSlash", "\xc0\xaf", "\\xc0\\xaf"},
        Case{"OverlongThree", "\xe0\x80\x9b", "\\xe0\\x80\\x9b"},
        Case{"OverlongFour", "\xf0\x80\x80\x9b", "\\xf0\\x80\\x80\\x9b"},
        Case{"Surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
        Case{"LastCharacter", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
        Case{"BeyondUnicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, Case{"CutShort", "a\xe2\x82", "a\\xe2\\x82"},
        Case{"CutByAscii", "\xe2\x82z", "\\xe2\\x82z"}, Case{"CutByControl", "\xe2\x1b[m", "\\xe2\\x1b[m"},
        Case{"NotUtf8", "\xff\xfe", "\\xff\\xfe"}),
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

}  // namespace
}  // namespace parley::client
