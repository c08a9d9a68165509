#include "cli-client/files/conflict.h"

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "cli-client/files/part_file.h"

namespace parley::client {
namespace {

TEST(Conflict, NumbersAName) {
  EXPECT_EQ(numbered_name("report.pdf", 0, 255), "report.pdf");
  EXPECT_EQ(numbered_name("report.pdf", 1, 255), "report (1).pdf");
  EXPECT_EQ(numbered_name("backup.tar.gz", 12, 255), "backup (12).tar.gz");
  EXPECT_EQ(numbered_name("no ending", 1, 255), "no ending (1)");
  EXPECT_EQ(numbered_name(".hidden", 1, 255), ".hidden (1)");
  EXPECT_EQ(numbered_name(".tar.gz", 1, 255), ".tar (1).gz");
  EXPECT_EQ(numbered_name("a.long sentence, not an ending", 1, 255), "a.long sentence, not an ending (1)");
}

TEST(Conflict, KeepsANameWithinItsLength) {
  EXPECT_EQ(numbered_name("abcdefgh.txt", 1, 12), "abcd (1).txt");
  EXPECT_EQ(numbered_name("äöüä.txt", 1, 12), "äö (1).txt");
  EXPECT_EQ(numbered_name("xäöü.txt", 1, 12), "xä (1).txt") << "cut on a character's border";
}

TEST(Conflict, WhatGetsAnEndingIsMadeSafeAgain) {
  const std::string part = std::string(243, 'x') + ".parley-part";
  const auto received = received_name(part, false);
  ASSERT_TRUE(received);
  EXPECT_EQ(*received, std::string(242, 'x') + ".parley-part_");
  EXPECT_EQ(received_name(*received, false), received) << "what is safe stays as it is";
  EXPECT_EQ(received_name(part, true), part) << "a folder";
}

TEST(Conflict, ANameIsItsOwnUpToItsLastByte) {
  const std::string longest(255, 'x');
  EXPECT_EQ(received_name(longest, false), longest);
  EXPECT_EQ(received_name(".env", false), "_env");
  EXPECT_EQ(received_name(".env", false, true), ".env");
  EXPECT_EQ(received_name("..", false, true), "__") << "is no name";
  EXPECT_EQ(received_name("./x", false, true), "_/x");
}

TEST(Conflict, APartHasANameThatFits) {
  EXPECT_EQ(part_name("a.txt"), "a.txt.parley-part");
  const std::string longest(255, 'x');
  EXPECT_EQ(part_name(longest), std::string(234, 'x') + "~" + part_name(longest).substr(235));
  EXPECT_EQ(part_name(longest).size(), 255U);
  EXPECT_TRUE(part_name(longest).ends_with(".parley-part"));
  std::string other = longest;
  other.back() = 'y';
  EXPECT_NE(part_name(other), part_name(longest));
  std::string umlauts;
  while (umlauts.size() < 254) umlauts += "ä";
  EXPECT_LE(part_name(umlauts).size(), 255U);
  EXPECT_TRUE(is_utf8(part_name(umlauts))) << "cut on a character's border";
}

TEST(Conflict, ANumberedNameIsSafe) {
  for (const char* name : {"report.pdf", "_con.txt", "a.tar.gz", "x.parley-part_", "no ending"}) {
    const std::string numbered = numbered_name(name, 7, 255);
    EXPECT_EQ(received_name(numbered, false), numbered);
  }
}

}  // namespace
}  // namespace parley::client
