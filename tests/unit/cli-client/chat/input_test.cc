#include "cli-client/chat/input.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace parley::client {
namespace {

TEST(ChatInput, TellsCommandsFromText) {
  using Kind = ChatInput::Kind;
  const struct {
    const char* line;
    Kind kind;
    const char* argument;
  } cases[] = {
      {"hello", Kind::text, "hello"},
      {"", Kind::text, ""},
      {" /quit", Kind::text, " /quit"},
      {"//quit", Kind::text, "/quit"},
      {"/quit", Kind::quit, ""},
      {"/quit now", Kind::quit, "now"},
      {"/name  Ann Smith \t", Kind::name, "Ann Smith"},
      {"/name", Kind::name, ""},
      {"/send a 'b c'", Kind::send, "a 'b c'"},
      {"/accept ~/in", Kind::accept, "~/in"},
      {"/verify", Kind::verify, ""},
      {"/names", Kind::unknown, "/names"},
      {"/", Kind::unknown, "/"},
      {"/copy invite", Kind::copy, "invite"},
      {"/quit\n/quit", Kind::text, "/quit\n/quit"},
      {"//quit\n", Kind::text, "//quit"},
      {"\n\n", Kind::text, ""},
      {"/usr/bin is a folder", Kind::unknown, "/usr/bin"},
  };
  for (const auto& expected : cases) {
    const ChatInput input = parse_chat_input(expected.line);
    EXPECT_EQ(input.kind, expected.kind) << expected.line;
    EXPECT_EQ(input.argument, expected.argument) << expected.line;
  }
}

using Words = std::vector<std::string>;

TEST(SplitWords, QuotesAndBackslashesKeepBlanks) {
  ::setenv("HOME", "/people/ann", 1);
  EXPECT_EQ(split_words(""), Words{});
  EXPECT_EQ(split_words(" a  b\tc "), (Words{"a", "b", "c"}));
  EXPECT_EQ(split_words(R"(my\ file "an other" 'it''s' \"q)"), (Words{"my file", "an other", "its", "\"q"}));
  EXPECT_EQ(split_words(R"('\' "\"" "")"), (Words{"\\", "\"", ""}));
  EXPECT_EQ(split_words("~/a b~/c ~"), (Words{"/people/ann/a", "b~/c", "~"}));
  EXPECT_EQ(split_words("\"open"), std::nullopt);
}

}  // namespace
}  // namespace parley::client
