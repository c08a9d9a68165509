#include "protocol/classic/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/unit/protocol/classic/bytes.h"

namespace parley::classic {
namespace {

// What a 512-bit key's block holds.
constexpr std::size_t kOriginal = 53;

struct SplitCase {
  const char* name;
  std::string message;
  std::size_t max_bytes;
  std::size_t piece;
};

class NextPiece : public testing::TestWithParam<SplitCase> {};

TEST_P(NextPiece, IsAsLongAsExpected) {
  EXPECT_EQ(next_piece(view(GetParam().message), GetParam().max_bytes), GetParam().piece);
}

const std::string a51(51, 'a');
const std::string a52(52, 'a');
const std::string a53(53, 'a');
const std::string a50(50, 'a');

INSTANTIATE_TEST_SUITE_P(
    Split, NextPiece,
    testing::Values(SplitCase{"Empty", "", kOriginal, 0}, SplitCase{"Fits", a52, kOriginal, 52},
                    SplitCase{"FitsExactly", a53, kOriginal, 53}, SplitCase{"OneMore", a53 + "a", kOriginal, 53},
                    SplitCase{"FitsThoughItsEndIsHalfACharacter", a52 + "\xc3", kOriginal, 53},
                    SplitCase{"TwoByteCharacterAcrossTheBorder", a52 + "ä", kOriginal, 52},
                    SplitCase{"TwoByteCharacterBeforeTheBorder", a51 + "äa", kOriginal, 53},
                    SplitCase{"ThreeByteCharacterOneIn", a52 + "€", kOriginal, 52},
                    SplitCase{"ThreeByteCharacterTwoIn", a51 + "€", kOriginal, 51},
                    SplitCase{"FourByteCharacterOneIn", a52 + "😀", kOriginal, 52},
                    SplitCase{"FourByteCharacterTwoIn", a51 + "😀", kOriginal, 51},
                    SplitCase{"FourByteCharacterThreeIn", a50 + "😀", kOriginal, 50},
                    SplitCase{"FourByteCharacterAfterTheBorder", a53 + "😀", kOriginal, 53},
                    SplitCase{"ContinuationBytesOnly", std::string(60, '\x80'), kOriginal, 53},
                    SplitCase{"ThreeContinuationBytesAfterText", a51 + "\x80\x80\x80", kOriginal, 53},
                    SplitCase{"LeadWithoutContinuation", a52 + "\xe2zz", kOriginal, 53},
                    SplitCase{"LeadWithTooFewContinuations", a51 + "\xf0\x9f\x98z", kOriginal, 53},
                    SplitCase{"CharacterThatTheMessageCutsOff", a52 + "\xe2\x82", kOriginal, 53},
                    SplitCase{"OverlongLead", a52 + "\xc0\x80", kOriginal, 53},
                    SplitCase{"LeadBeyondUnicode", a52 + "\xf5\x80\x80\x80", kOriginal, 53},
                    SplitCase{"OneByteAtATime", "abc", 1, 1}, SplitCase{"CharacterLongerThanTheBlock", "€", 1, 1},
                    SplitCase{"CharacterLongerThanTwo", "😀", 2, 2}, SplitCase{"CharacterLongerThanThree", "😀", 3, 3}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Split, PiecesJoinToTheMessageAndFit) {
  std::mt19937 random(20250301);
  for (int round = 0; round < 2000; ++round) {
    // Few distinct bytes, so that leads and continuations meet often.
    constexpr std::string_view kBytes = "a\x80\xbf\xc3\xe2\xf0\xff";
    std::string message(random() % 80, '\0');
    for (char& c : message) {
      c = kBytes[random() % kBytes.size()];
    }
    const std::size_t max_bytes = 1 + random() % 60;
    auto rest = view(message);
    std::string joined;
    while (!rest.empty()) {
      const std::size_t piece = next_piece(rest, max_bytes);
      ASSERT_GE(piece, std::min(rest.size(), max_bytes > 3 ? max_bytes - 3 : 1));
      ASSERT_LE(piece, max_bytes);
      joined += text(rest.first(piece));
      rest = rest.subspan(piece);
    }
    ASSERT_EQ(joined, message);
  }
}

TEST(Split, PiecesOfUtf8AreUtf8) {
  const std::string message = "Grüße, 世界! 😀😀 Ça va? " + a51 + "😀€ä";
  for (std::size_t max_bytes = 4; max_bytes < message.size(); ++max_bytes) {
    for (auto rest = view(message); !rest.empty();) {
      // A piece of UTF-8 is UTF-8 when none begins with a continuation byte.
      EXPECT_NE(rest[0] & std::byte{0xc0}, std::byte{0x80}) << max_bytes;
      rest = rest.subspan(next_piece(rest, max_bytes));
    }
  }
}

}  // namespace
}  // namespace parley::classic
