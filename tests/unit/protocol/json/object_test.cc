#include "protocol/json/object.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

namespace parley::json {
namespace {

TEST(JsonObject, HasItsMembersInTheOrderInWhichTheyArePut) {
  EXPECT_EQ(Object().text(), "{}");
  Object object{{"z", 1}, {"a", "x"}};
  object.put("b", true).put_all({{"c", std::vector<std::string>{"p", "q"}}}).put_all({}).put("d", Object{{"e", -2}});
  EXPECT_EQ(object.text(), R"({"z":1,"a":"x","b":true,"c":["p","q"],"d":{"e":-2}})");
  EXPECT_EQ(Object().put_all(object).text(), object.text());
}

TEST(JsonObject, NumbersAreWhole) {
  EXPECT_EQ(Text(std::numeric_limits<std::uint64_t>::max()).str(), "18446744073709551615");
  EXPECT_EQ(Text(std::numeric_limits<std::int64_t>::min()).str(), "-9223372036854775808");
  EXPECT_EQ(Text(0.25).str(), "0.25");
}

TEST(JsonObject, AnyTextIsReadBack) {
  std::string every;
  for (int c = 0; c < 0x80; ++c) every += static_cast<char>(c);
  for (const std::string& text : {every, std::string("ä € 😀"), std::string("\u0080\uffff\U0010ffff")}) {
    const Object object{{text, text}};
    EXPECT_EQ(nlohmann::json::parse(object.text()), (nlohmann::json{{text, text}}));
    EXPECT_EQ(nlohmann::json::parse(object.ascii_text()), (nlohmann::json{{text, text}}));
  }
}

TEST(JsonObject, InAsciiNothingSteersATerminal) {
  const std::string ascii = Object{{"text", "\x1b[2J\x7f ä😀\u202e"}}.ascii_text();
  EXPECT_EQ(ascii, R"({"text":"\u001b[2J\u007f \u00e4\ud83d\ude00\u202e"})");
}

TEST(JsonObject, WhatIsNotUtf8IsReplaced) { EXPECT_EQ(Text("a\xff z").str(), "\"a\ufffd z\""); }

}  // namespace
}  // namespace parley::json
