#include "given_invite.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::client {
namespace {

TEST(GivenInvite, LeavesNothingOfItInTheArguments) {
  std::vector<std::string> words{"parley", "chat", "\"PARLEY://h/room#secret\"", "--name", "parley"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  const auto invite = take_given_invite(static_cast<int>(argv.size()), argv.data());
  ASSERT_TRUE(invite);
  EXPECT_EQ(invite->reveal(), "\"PARLEY://h/room#secret\"");
  EXPECT_STREQ(argv[2], "parley://");
  EXPECT_EQ(words[2].find("room"), std::string::npos);
  EXPECT_EQ(words[2].find("secret"), std::string::npos);
  EXPECT_EQ(words[4], "parley");
}

TEST(GivenInvite, ThereNeedNotBeOne) {
  char program[] = "parley";
  char option[] = "--relay=parley://h";
  char* argv[] = {program, option};
  EXPECT_FALSE(take_given_invite(2, argv));
}

}  // namespace
}  // namespace parley::client
