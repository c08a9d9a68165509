#include "protocol/chat/safe_name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "base/ascii.h"
#include "base/utf8.h"
#include "tests/support/rounds.h"
#include "tests/unit/protocol/chat/vectors.h"

namespace parley::chat {
namespace {

TEST(SafePath, Vectors) {
  for (const auto& v : vectors()["names"]) {
    const auto name = v["name"].get<std::string>();
    const auto safe = safe_path(name);
    EXPECT_EQ(safe.has_value(), !v["safe"].is_null()) << v["name"];
    if (safe) {
      EXPECT_EQ(*safe, v["safe"].get<std::string>()) << v["name"];
    }
  }
}

struct NameCase {
  const char* name;
  std::string_view given;
  std::string_view safe;
};

TEST(SafePath, BytesThatAreNotUtf8) {
  using namespace std::string_view_literals;
  const NameCase cases[] = {
      {"lone continuation", "a\x80z", "a_z"},
      {"overlong slash", "a\xc0\xafz", "a__z"},
      {"surrogate", "a\xed\xa0\x80z", "a___z"},
      {"over 10FFFF", "\xf4\x90\x80\x80", "____"},
      {"cut", "a\xe2\x82", "a__"},
      {"zero", "a\0z"sv, "a_z"},
      {"latin-1",
       "Gr\xfc\xdf"
       "e",
       "Gr__e"},
  };
  for (const auto& [name, given, safe] : cases) {
    EXPECT_EQ(safe_path(given), std::string(safe)) << name;
  }
}

TEST(SafePath, LeavesRoomForAnEnding) {
  EXPECT_EQ(safe_path(std::string(300, 'x'), 200)->size(), 200U);
  EXPECT_EQ(*safe_path(std::string(300, 'x') + ".gz", 16), std::string(13, 'x') + ".gz");
}

// What is cut to its limit is looked at once more.
TEST(SafePath, IsSafeWhenItHasBeenCut) {
  const std::string blanks(240, ' ');
  const NameCase cases[] = {
      {"a way up", "a/..%x/evil", "a/__/evil"},
      {"a way up first", "..%x", "__"},
      {"here", "a/.%x", "a/_"},
      {"a device", "con%x", "_con"},
      {"a device below", "d/lpt1%x", "d/_lpt1"},
      {"a device with an ending", "d/aux%x.gz", "d/_aux.gz"},
      {"no device", "d/cons%x", "d/cons"},
  };
  for (const auto& [name, given, safe] : cases) {
    std::string whole(given);
    whole.replace(whole.find('%'), 1, blanks);
    EXPECT_EQ(safe_path(whole, 235), std::string(safe)) << name;
  }
}

// Names put together from what is dangerous, in any order.
TEST(SafePath, WhateverComesStaysInTheFolder) {
  constexpr std::string_view kParts[] = {"/",
                                         "..",
                                         ".",
                                         "\\",
                                         " ",
                                         "a",
                                         "-",
                                         "~",
                                         "con",
                                         "NUL",
                                         "com",
                                         "1",
                                         "\n",
                                         "\x1b",
                                         "ü",
                                         "…",
                                         "\xff",
                                         "\u202e",
                                         "\t",
                                         "%",
                                         "💾",
                                         "\u200d\u2066",
                                         "/../",
                                         "//",
                                         ".gz",
                                         "xyxyxyxyxyxyxyxyxyxyxyxyxy",
                                         "                              "};
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < test::rounds(20'000); ++round) {
    std::string name;
    for (auto parts = random() % 40; parts > 0; --parts) {
      name += kParts[random() % std::size(kParts)];
    }
    const auto safe = safe_path(name, 32);
    if (!safe) {
      continue;
    }
    ASSERT_TRUE(is_utf8(*safe));
    ASSERT_EQ(safe->find_first_of(std::string_view("\\\n\x1b\t\0", 5)), std::string::npos) << *safe;
    ASSERT_EQ(safe->find("\u202e"), std::string::npos);
    ASSERT_NE(safe->front(), '.');
    std::size_t begin = 0;
    while (begin <= safe->size()) {
      const std::size_t end = std::min(safe->find('/', begin), safe->size());
      const std::string component = safe->substr(begin, end - begin);
      ASSERT_FALSE(component.empty()) << *safe;
      ASSERT_NE(component, ".");
      ASSERT_NE(component, "..");
      ASSERT_NE(component.front(), ' ');
      ASSERT_NE(component.back(), ' ');
      std::string stem = component.substr(0, component.find('.'));
      std::ranges::transform(stem, stem.begin(), to_lower);
      stem.erase(stem.find_last_not_of(' ') + 1);
      ASSERT_TRUE(stem != "con" && stem != "nul" && stem != "com1") << *safe;
      ASSERT_NE(component.front(), '-');
      ASSERT_NE(component.front(), '~');
      ASSERT_LE(component.size(), 32U);
      begin = end + 1;
    }
    ASSERT_LE(safe->size(), kMaxPathBytes);
    ASSERT_EQ(safe_path(*safe, 32), safe) << "what is safe stays as it is";
  }
}

TEST(SafePath, IsNotTooLongAfterwards) {
  std::string path = "con";
  while (path.size() + 203 <= kMaxPathBytes) path += "/" + std::string(200, 'd');
  path += "/" + std::string(kMaxPathBytes - path.size() - 1, 'd');
  ASSERT_EQ(path.size(), kMaxPathBytes);
  EXPECT_EQ(safe_path(path), std::nullopt) << "with the _ that con gets in front";
  EXPECT_EQ(safe_path(path.substr(1)), path.substr(1));
}

}  // namespace
}  // namespace parley::chat
