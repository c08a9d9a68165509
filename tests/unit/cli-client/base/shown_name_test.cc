#include "cli-client/base/shown_name.h"

#include <gtest/gtest.h>

#include <clocale>

namespace parley::client {
namespace {

TEST(ShownName, CannotBeTakenForOurs) {
  ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr);
  const struct {
    const char* name;
    const char* shown;
  } cases[] = {
      {"", ""},
      {"bob", "bob"},
      {"Ann Smith", "Ann Smith"},
      {"Youssef", "Youssef"},
      {"日本", "日本"},
      {"you", "\"you\""},
      {"YOU", "\"YOU\""},
      {" you ", "\" you \""},
      {"you\u00a0", "\"you\u00a0\""},
      {"y\u200bou", "y\\u200bou"},
      {"yo\u0301u", "\"yo\u0301u\""},
      {"Them", "\"Them\""},
      {"the other side", "\"the other side\""},
      {"bob: yes", "\"bob: yes\""},
      {" ", "\" \""},
      {"\u3164", "\"\u3164\""},
      {"\u2800\u3000", "\"\u2800\u3000\""},
      {"\x1b[m", "\\x1b[m"},
      {"\xff", "\\xff"},
  };
  for (const auto& expected : cases) EXPECT_EQ(shown_name(expected.name), expected.shown) << expected.name;
}

}  // namespace
}  // namespace parley::client
