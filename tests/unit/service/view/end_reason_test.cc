#include "service/view/end_reason.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace parley {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz-";

// Every enumerator has a word of its own, of small letters and hyphens, and the first value beyond has none.
template <class Enum>
void expect_words(std::size_t count) {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view word = label(static_cast<Enum>(i));
    EXPECT_FALSE(word.empty()) << i;
    EXPECT_EQ(word.find_first_not_of(kLetters), std::string_view::npos) << word;
    EXPECT_TRUE(words.insert(word).second) << word;
  }
  EXPECT_TRUE(label(static_cast<Enum>(count)).empty());
}

TEST(EndReason, EveryReasonHasItsWord) { expect_words<EndReason>(kEndReasons); }
TEST(Refusal, EveryReasonHasItsWord) { expect_words<Refusal>(kRefusals); }
TEST(EndedBy, EveryOneHasItsWord) { expect_words<EndedBy>(3); }
TEST(Protocol, EveryOneHasItsWord) { expect_words<Protocol>(kProtocols); }

TEST(EndReason, WordsAreTheNamesWithHyphens) {
  EXPECT_EQ(label(EndReason::peer_closed), "peer-closed");
  EXPECT_EQ(label(EndReason::handshake_timeout), "handshake-timeout");
  EXPECT_EQ(label(EndReason::too_slow), "too-slow");
  EXPECT_EQ(label(Refusal::address_limit), "address-limit");
  EXPECT_EQ(label(EndedBy::relay), "relay");
  EXPECT_EQ(label(Protocol::classic), "classic");
}

}  // namespace
}  // namespace parley
