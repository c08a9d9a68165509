#include "base/utf8.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

struct Case {
  const char* text;
  char32_t code;
};
// The first and the last of each length, and round the surrogates.
constexpr Case kCharacters[] = {{"\x01", 1},
                                {"\x7f", 0x7f},
                                {"\xc2\x80", 0x80},
                                {"\xdf\xbf", 0x7ff},
                                {"\xe0\xa0\x80", 0x800},
                                {"\xed\x9f\xbf", 0xd7ff},
                                {"\xee\x80\x80", 0xe000},
                                {"\xef\xbf\xbf", 0xffff},
                                {"\xf0\x90\x80\x80", 0x10000},
                                {"\xf4\x8f\xbf\xbf", 0x10ffff}};
constexpr const char* kNone[] = {"\x80",
                                 "\xbf",
                                 "\xc0\x80",
                                 "\xc1\xbf",
                                 "\xc2",
                                 "\xc2x",
                                 "\xe0\x9f\xbf",
                                 "\xe1\x80",
                                 "\xed\xa0\x80",
                                 "\xed\xbf\xbf",
                                 "\xf0\x8f\xbf\xbf",
                                 "\xf0\x90\x80",
                                 "\xf4\x90\x80\x80",
                                 "\xf5\x80\x80\x80",
                                 "\xff"};

TEST(Utf8, CharactersAreReadAsTheyAreWritten) {
  for (const auto& [text, code] : kCharacters) {
    const Utf8Char character = first_char(std::string(text) + "x");
    EXPECT_EQ(character.code, code);
    EXPECT_EQ(character.bytes, std::string_view(text).size());
    std::string written;
    append_utf8(written, code);
    EXPECT_EQ(written, text);
    EXPECT_TRUE(is_utf8(text));
  }
}

TEST(Utf8, IsNeitherOverlongNorCutNorASurrogate) {
  for (const char* text : kNone) {
    EXPECT_EQ(first_char(text).bytes, 0U) << text;
    EXPECT_FALSE(is_utf8(std::string("a") + text)) << text;
  }
  EXPECT_TRUE(is_utf8(""));
}

TEST(Utf8, IsCutBetweenCharactersAndBeforeWhatIsNone) {
  EXPECT_EQ(cut_utf8("häh", 1), "h");
  EXPECT_EQ(cut_utf8("häh", 2), "h");
  EXPECT_EQ(cut_utf8("häh", 3), "hä");
  EXPECT_EQ(cut_utf8("häh", 100), "häh");
  EXPECT_EQ(cut_utf8("ab\xff"
                     "cd",
                     100),
            "ab");
  EXPECT_EQ(cut_utf8("€", 2), "");
}

TEST(Utf8, ABoundaryDividesNoCharacter) {
  const std::string text = "a\xe2\x82\xac\xf0\x9f\x98\x80z";  // a, euro, an emoji, z
  const std::size_t expected[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 9, 9};
  for (std::size_t at = 0; at < std::size(expected); ++at) EXPECT_EQ(utf8_boundary(text, at), expected[at]) << at;
  // What is not UTF-8 is cut anywhere.
  for (const std::string& none : {std::string(9, '\x80'), std::string("aa\xe2\x82"), std::string("\xc3\x28xx")})
    for (std::size_t at = 0; at <= none.size(); ++at) EXPECT_EQ(utf8_boundary(none, at), at);
}

}  // namespace
}  // namespace parley
