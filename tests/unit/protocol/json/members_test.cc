#include "protocol/json/members.h"

#include <gtest/gtest.h>

namespace parley::json {
namespace {

TEST(JsonMembers, AreKeptByKind) {
  const auto members = read_members(
      R"({"text":"t\u00e4","number":18446744073709551615,"yes":true,"texts":["a","b"],"none":[],"null":null,)"
      R"("negative":-1,"fraction":1.5,"object":{"a":["x"]},"mixed":["a",1],"deep":["a",["b"]],"objects":["a",{}]})");
  ASSERT_TRUE(members);
  EXPECT_EQ(std::get<std::string>(members->at("text")), "t\xc3\xa4");
  EXPECT_EQ(std::get<std::uint64_t>(members->at("number")), UINT64_MAX);
  EXPECT_TRUE(std::get<bool>(members->at("yes")));
  EXPECT_EQ(std::get<Texts>(members->at("texts")), (Texts{"a", "b"}));
  EXPECT_EQ(std::get<Texts>(members->at("none")), Texts{});
  for (const char* name : {"null", "negative", "fraction", "object", "mixed", "deep", "objects"})
    EXPECT_TRUE(std::holds_alternative<Other>(members->at(name))) << name;
  EXPECT_EQ(members->size(), 12U);
}

TEST(JsonMembers, HaveEachNameOnce) {
  EXPECT_FALSE(read_members(R"({"a":1,"a":1})"));
  EXPECT_FALSE(read_members(R"({"a":1,"b":{},"\u0061":2})"));
  EXPECT_FALSE(read_members(R"({"a":[],"a":1})"));
  EXPECT_TRUE(read_members(R"({"a":{"a":1},"b":{"a":1}})"));
}

TEST(JsonMembers, AreOfOneObject) {
  for (const char* text : {"", " ", "[]", "1", "\"a\"", "null", "{", "{}{}", "{} x", "[{}]", R"({"a"})", R"({"a":})",
                           R"({a:1})", R"({"a":1,})", "{\"a\":\"\xff\"}", "\xef\xbb\xbf{}", "{}// comment"})
    EXPECT_FALSE(read_members(text)) << text;
  EXPECT_FALSE(read_members(std::string_view("{}\0", 3)));
  EXPECT_TRUE(read_members(" \n{ }\t"));
}

TEST(JsonMembers, AreNotNestedDeeply) {
  const auto nested = [](std::size_t levels) {
    return "{\"a\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  EXPECT_TRUE(read_members(nested(kMaxDepth)));
  EXPECT_FALSE(read_members(nested(kMaxDepth + 1)));
  EXPECT_FALSE(read_members(nested(100'000)));
  const auto objects = [](std::size_t levels) {
    std::string text = "1";
    for (std::size_t i = 0; i < levels; ++i) text = "{\"a\":" + text + "}";
    return text;
  };
  EXPECT_TRUE(read_members(objects(kMaxDepth)));
  EXPECT_FALSE(read_members(objects(kMaxDepth + 1)));
}

}  // namespace
}  // namespace parley::json
