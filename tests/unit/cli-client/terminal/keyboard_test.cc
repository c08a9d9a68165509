#include "cli-client/terminal/keyboard.h"

#include <gtest/gtest.h>

#include <clocale>
#include <string>

namespace parley::client {
namespace {

class KeyboardTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr); }

  // The keys that these bytes give, texts between braces.
  std::wstring type(std::string_view bytes) {
    keyboard.feed(bytes);
    std::wstring keys;
    while (const auto key = keyboard.next()) {
      keys += *key == Keyboard::kText ? L"{" + keyboard.take_text() + L"}" : std::wstring(1, *key);
    }
    return keys;
  }

  Keyboard keyboard;
};

TEST_F(KeyboardTest, DecodesCharacters) {
  EXPECT_EQ(type("aß日\x1b[A\x04\t\r"), L"aß日\x1b[A\x04\t\r");
  EXPECT_EQ(type("\xe6\x97"), L"");
  EXPECT_EQ(type("\xa5"), L"日");
  EXPECT_EQ(type("\xff\xfe!"), L"!");
}

TEST_F(KeyboardTest, WhatIsPastedIsText) {
  EXPECT_EQ(type("a\x1b[200~b\r/quit\r\x1b[201~c"), L"a{b\n/quit\n}c");
  EXPECT_EQ(type("\xff\x1b[200~d"), L"{d}") << "a mark behind what is no character";
  EXPECT_EQ(type("e"), L"{e}") << "the paste goes on";
}

TEST_F(KeyboardTest, LetsNoKeyBePasted) {
  EXPECT_EQ(type("\x1b[200~a\x03\x04\x1b[A\x7f\b\tb\x1e\xff\x1b[201~"), L"{a[A\tb}");
}

TEST_F(KeyboardTest, AnyEndOfALineIsALineFeed) {
  EXPECT_EQ(type("\x1b[200~a\rb\nc\r\nd\n\ne\x1b[201~"), L"{a\nb\nc\nd\n\ne}");
}

TEST_F(KeyboardTest, AltEnterIsALineFeedOfText) {
  EXPECT_EQ(type("a\x1b\rb\x1b\n\x1b[13;3u\x1b[27;2;13~c\r"), L"a{\n}b{\n}{\n}{\n}c\r");
}

TEST_F(KeyboardTest, EscapeAndThenEnterAreTwoKeys) {
  EXPECT_EQ(type("\x1b"), L"");
  EXPECT_EQ(type("\r"), L"\x1b\r");
}

TEST_F(KeyboardTest, KnowsAMarkWhereverItIsCut) {
  const std::string bytes = "a\x1b[200~\x04\r\nä\x1b[201~\x04";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    std::wstring keys = type(std::string_view(bytes).substr(0, cut));
    keys += type(std::string_view(bytes).substr(cut));
    std::erase(keys, L'{');
    std::erase(keys, L'}');
    EXPECT_EQ(keys, L"a\nä\x04") << cut;
  }
}

TEST_F(KeyboardTest, WaitsOnlyForWhatMayBecomeAMark) {
  EXPECT_EQ(type("\x1b"), L"");
  EXPECT_EQ(type("b"),
            L"\x1b"
            L"b");
  EXPECT_EQ(type("\x1b[2"), L"");
  EXPECT_EQ(type("~"), L"\x1b[2~");
  EXPECT_EQ(type("\x1b[1"), L"");
  EXPECT_EQ(type("~"), L"\x1b[1~");
  EXPECT_FALSE(keyboard.has_more());
}

TEST_F(KeyboardTest, NoKeyGivesWhatStandsForText) {
  EXPECT_EQ(type("a\x1e"
                 "b"),
            L"ab");
}

}  // namespace
}  // namespace parley::client
