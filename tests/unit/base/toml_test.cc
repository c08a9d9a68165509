#include "base/toml.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

using Values = std::vector<std::string>;

TEST(Toml, ReadsEachKindOfValue) {
  const auto entries = parse_toml(
      "# a comment\r\n"
      "\n"
      "text = \"a # b\"   # not the first '#'\n"
      "\tliteral='C:\\dir'\n"
      "number = 64\n"
      "decimal = 0.5\n"
      "yes = true\n"
      "\"quoted\" = \"\\\"\\\\\\t\\u00e9\\U0001F600\"\n"
      "list = [\"a\", # first\n"
      "  'b', 3,\n"
      "]\n"
      "none = []\n"
      "last = 1");
  ASSERT_TRUE(entries) << entries.error().line << entries.error().why;
  const struct {
    const char* name;
    Values values;
    bool is_array;
    std::size_t line;
  } kExpected[] = {{"text", {"a # b"}, false, 3},      {"literal", {"C:\\dir"}, false, 4},
                   {"number", {"64"}, false, 5},       {"decimal", {"0.5"}, false, 6},
                   {"yes", {"true"}, false, 7},        {"quoted", {"\"\\\t\xc3\xa9\xf0\x9f\x98\x80"}, false, 8},
                   {"list", {"a", "b", "3"}, true, 9}, {"none", {}, true, 12},
                   {"last", {"1"}, false, 13}};
  ASSERT_EQ(entries->size(), std::size(kExpected));
  for (std::size_t i = 0; i < entries->size(); ++i) {
    EXPECT_EQ(entries->at(i).name, kExpected[i].name);
    EXPECT_EQ(entries->at(i).values, kExpected[i].values) << kExpected[i].name;
    EXPECT_EQ(entries->at(i).is_array, kExpected[i].is_array) << kExpected[i].name;
    EXPECT_EQ(entries->at(i).line, kExpected[i].line) << kExpected[i].name;
  }
}

TEST(Toml, SaysWhereEachValueIs) {
  const std::string text = "\xef\xbb\xbf# one\na = \"x\\ty\"  # two\r\n'b'=[1,\n 2] \nc =\ttrue";
  const auto entries = parse_toml(text);
  ASSERT_TRUE(entries) << entries.error().why;
  std::vector<std::string> values;
  for (const TomlEntry& entry : *entries) values.push_back(text.substr(entry.value_at, entry.value_bytes));
  EXPECT_EQ(values, (Values{"\"x\\ty\"", "[1,\n 2]", "true"}));
}

TEST(Toml, EmptyTextsHaveNoEntries) {
  for (const char* text : {"", "\n", "# only this", " \t", "\xef\xbb\xbf"}) {
    const auto entries = parse_toml(text);
    ASSERT_TRUE(entries) << text;
    EXPECT_TRUE(entries->empty());
  }
}

TEST(Toml, NothingMalformedIsGuessedOrSkipped) {
  const struct {
    const char* text;
    std::size_t line;
  } kCases[] = {{"x", 1},
                {"= 1", 1},
                {"a =", 1},
                {"a = \n1", 1},
                {"a 1", 1},
                {"a = auto", 1},
                {"a = 10s", 1},
                {"a = 01", 1},
                {"a = 1.", 1},
                {"a = 1_000", 1},
                {"a = 0x10", 1},
                {"a = 1e5", 1},
                {"a = inf", 1},
                {"a = 1979-05-27", 1},
                {"a = 1 2", 1},
                {"a = 1 b = 2", 1},
                {"\n[section]\na = 1", 2},
                {"a.b = 1", 1},
                {"a = \"open", 1},
                {"a = 'open\n'", 1},
                {"a = \"\"\"x\"\"\"", 1},
                {"a = '''x'''", 1},
                {"a = \"\\q\"", 1},
                {"a = \"\\u12\"", 1},
                {"a = \"\\ud800\"", 1},
                {"a = \"\\U00110000\"", 1},
                {"a = \"\\", 1},
                {"a = \"\x01\"", 1},
                {"a = [\"b\"", 1},
                {"a = [\"b\" \"c\"]", 1},
                {"a = [[1]]", 1},
                {"a = [,]", 1},
                {"a = {b = 1}", 1},
                {"a = 1\na = 2", 2},
                {"a = [\n1,\nauto]", 3}};
  for (const auto& c : kCases) {
    const auto entries = parse_toml(c.text);
    ASSERT_FALSE(entries) << c.text;
    EXPECT_EQ(entries.error().line, c.line) << c.text << ": " << entries.error().why;
    EXPECT_FALSE(entries.error().remedy.empty()) << c.text;
  }
  EXPECT_FALSE(parse_toml(std::string(kMostTomlBytes + 1, ' ')));
  EXPECT_EQ(parse_toml("a = [[1]]").error().why, "an array stands in an array") << "named for what it is";
}

TEST(Toml, ValuesWrittenAreReadAsTheyWere) {
  for (const std::string text : {"", "auto", "64", "007", "true", "a \"b\" \\ c", "line\nend", "\x7f\x01", "# '",
                                 "\xc3\xa9", "123456789012345678901234567890"}) {
    const auto entries = parse_toml("a = " + toml_value(text) + "  # where from");
    ASSERT_TRUE(entries) << text << ": " << entries.error().why;
    EXPECT_EQ(entries->at(0).values, Values{text});
  }
  EXPECT_EQ(toml_value("64"), "64");
  EXPECT_EQ(toml_value("64K"), "\"64K\"");
}

}  // namespace
}  // namespace parley
