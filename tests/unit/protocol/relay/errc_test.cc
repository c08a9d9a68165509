#include "protocol/relay/errc.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "protocol/relay/error_code.h"
#include "tests/unit/protocol/relay/vectors.h"

namespace parley::relay {
namespace {

constexpr Errc kAll[] = {Errc::unknown_type,   Errc::wrong_sender, Errc::wrong_phase,
                         Errc::too_long,       Errc::wrong_length, Errc::bad_json,
                         Errc::missing_member, Errc::wrong_type,   Errc::bad_value};

TEST(RelayErrc, EachHasAMessageOfItsOwn) {
  std::set<std::string> seen{std::error_code(0, errc_category()).message()};
  for (const Errc e : kAll) EXPECT_TRUE(seen.insert(std::error_code(e).message()).second);
  EXPECT_STREQ(errc_category().name(), "relay");
}

TEST(RelayErrorCode, EachHasAWordThatIsReadBack) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < kErrorCodes; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_TRUE(seen.insert(label(code)).second);
    EXPECT_EQ(error_code_from(label(code)), code);
  }
  EXPECT_FALSE(seen.contains(""));
  for (const char* word : {"", "Bad-Frame", "bad-frame ", "newer"}) {
    EXPECT_EQ(error_code_from(word), ErrorCode::unknown) << word;
  }
}

TEST(RelayErrorCode, TheDocumentListsEachWordInOrder) {
  const std::string document = test::read_source("docs/relay-protocol.md");
  std::size_t at = document.find("## Error codes");
  for (std::size_t i = 0; i + 1 < kErrorCodes; ++i) {
    const std::string row = "| `" + std::string(label(static_cast<ErrorCode>(i))) + "` |";
    at = document.find(row, at);
    EXPECT_NE(at, std::string::npos) << row;
  }
}

}  // namespace
}  // namespace parley::relay
