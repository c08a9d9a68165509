#include "cli-client/terminal/keyboard.h"

#include <gtest/gtest.h>

#include <clocale>
#include <string>

namespace parley::client {
namespace {

class KeyboardTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr); }

  // The keys that these bytes give, those that are pasted between braces.
  std::wstring type(std::string_view bytes) {
    keyboard.feed(bytes);
    std::wstring keys;
    while (const auto key = keyboard.next()) {
      if (keyboard.pasting() != pasted) keys += keyboard.pasting() ? L'{' : L'}';
      pasted = keyboard.pasting();
      keys += *key;
    }
    return keys;
  }

  Keyboard keyboard;
  bool pasted = false;
};

TEST_F(KeyboardTest, DecodesCharacters) {
  EXPECT_EQ(type("aß日\x1b[A\x04\t\r"), L"aß日\x1b[A\x04\t\r");
  EXPECT_EQ(type("\xe6\x97"), L"");
  EXPECT_EQ(type("\xa5"), L"日");
  EXPECT_EQ(type("\xff\xfe!"), L"!");
}

TEST_F(KeyboardTest, TellsWhatIsPastedFromWhatIsTyped) {
  EXPECT_EQ(type("a\x1b[200~b\r/quit\r\x1b[201~c"), L"a{b\r/quit\r}c");
  EXPECT_EQ(type("\xff\x1b[200~d"), L"{d") << "a mark behind what is no character";
}

TEST_F(KeyboardTest, LetsNoKeyBePasted) {
  EXPECT_EQ(type("\x1b[200~a\x03\x04\x1b[A\x7f\b\tb\n\x1b[201~"), L"{a[A\tb\n");
}

TEST_F(KeyboardTest, KnowsAMarkWhereverItIsCut) {
  const std::string bytes = "a\x1b[200~\x04\r\x1b[201~\x04";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    SetUp();
    std::wstring keys = type(std::string_view(bytes).substr(0, cut));
    keys += type(std::string_view(bytes).substr(cut));
    EXPECT_EQ(keys, L"a{\r}\x04") << cut;
  }
}

TEST_F(KeyboardTest, WaitsOnlyForWhatMayBecomeAMark) {
  EXPECT_EQ(type("\x1b"), L"");
  EXPECT_EQ(type("b"),
            L"\x1b"
            L"b");
  EXPECT_EQ(type("\x1b[2"), L"");
  EXPECT_EQ(type("~"), L"\x1b[2~");
  EXPECT_FALSE(keyboard.has_more());
}

}  // namespace
}  // namespace parley::client
