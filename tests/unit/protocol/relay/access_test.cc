#include "protocol/relay/access.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/protocol/relay/vectors.h"

namespace parley::relay {
namespace {

// SHA-256 of "correct-horse".
std::string digest() { return vectors().at("access").at("file").get<std::string>().substr(10, 64); }

TEST(RelayAccess, TheVectorsTokensAreNamed) {
  const auto list = AccessList::parse(vectors().at("access").at("file").get<std::string>());
  ASSERT_TRUE(list) << list.error();
  EXPECT_EQ(list->size(), 2U);
  for (const auto& [token, name] : vectors().at("access").at("tokens").items()) {
    const auto found = list->check(token);
    EXPECT_EQ(found.has_value(), !name.is_null()) << token;
    if (found) {
      EXPECT_EQ(*found, name.get<std::string>()) << token;
    }
  }
}

TEST(RelayAccess, AnOwnersDigestIsNoToken) {
  const auto list = AccessList::parse(digest() + " alice");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->check("correct-horse"), "alice");
  EXPECT_FALSE(list->check(digest()));
}

TEST(RelayAccess, FaultsNameTheLine) {
  const auto fault = [](const std::string& text) { return AccessList::parse(text).error(); };
  EXPECT_EQ(fault(""), "no token in it");
  EXPECT_EQ(fault("\n# nobody\r\n"), "no token in it");
  EXPECT_EQ(fault("correct-horse alice"), "line 1: does not begin with 64 hexadecimal digits");
  EXPECT_EQ(fault("# who\n" + digest() + "\n"),
            "line 2: no name of 1 to 64 printable ASCII characters after the digest");
  EXPECT_EQ(fault(digest() + " al\x1bice"), "line 1: no name of 1 to 64 printable ASCII characters after the digest");
  EXPECT_EQ(fault(digest() + " " + std::string(65, 'a')),
            "line 1: no name of 1 to 64 printable ASCII characters after the digest");
  EXPECT_TRUE(AccessList::parse(digest() + " " + std::string(64, 'a')));
  EXPECT_EQ(fault(digest() + " alice\n\n" + digest() + " bob\n"), "line 3: the same digest again");
}

TEST(RelayAccess, TheNumberOfTokensIsBounded) {
  std::string text;
  for (std::size_t i = 0; i < AccessList::kMaxTokens; ++i) {
    const std::string number = std::to_string(i);
    text += std::string(64 - number.size(), '0') + number + " n\n";
  }
  EXPECT_EQ(AccessList::parse(text)->size(), AccessList::kMaxTokens);
  EXPECT_EQ(AccessList::parse(text + digest() + " n").error(), "line 4097: more than 4096 tokens");
}

}  // namespace
}  // namespace parley::relay
