#include "cli-client/meeting/invites.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::client {
namespace {

using namespace std::string_literals;

TEST(GivenInvite, LeavesNothingOfItInTheArguments) {
  std::vector<std::string> words{"parley", "chat", "\"PARLEY://h/room#secret\"", "--name", "parley"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  const auto invite = take_given_invite(static_cast<int>(argv.size()), argv.data());
  ASSERT_TRUE(invite && *invite);
  EXPECT_EQ((*invite)->reveal(), "\"PARLEY://h/room#secret\"");
  EXPECT_STREQ(argv[2], "parley://");
  EXPECT_EQ(words[2].find("room"), std::string::npos);
  EXPECT_EQ(words[2].find("secret"), std::string::npos);
  EXPECT_EQ(words[4], "parley");
}

TEST(GivenInvite, MayBeAWholeCommand) {
  char program[] = "parley";
  char name[] = "chat";
  char line[] = "parley chat 'parley://h/room#secret'";
  char* argv[] = {program, name, line};
  const auto invite = take_given_invite(3, argv);
  ASSERT_TRUE(invite && *invite);
  EXPECT_EQ((*invite)->reveal(), "parley chat 'parley://h/room#secret'");
  EXPECT_STREQ(line, "parley://");
  EXPECT_EQ(std::string_view(line, sizeof line).find("secret"), std::string_view::npos);
}

TEST(GivenInvite, ThereNeedNotBeOne) {
  char program[] = "parley";
  char option[] = "--relay=parley://h";
  char* argv[] = {program, option};
  const auto invite = take_given_invite(2, argv);
  ASSERT_TRUE(invite);
  EXPECT_FALSE(*invite);
}

TEST(GivenInvite, MayHaveBeenCutByABlank) {
  const std::string whole = "parley://h/room#0123456789012345678901";
  for (std::size_t cut = 9; cut < whole.size(); ++cut) {
    std::string first = whole.substr(0, cut);
    std::string rest = whole.substr(cut);
    std::string behind = "file.txt";
    char program[] = "parley";
    char* argv[] = {program, first.data(), rest.data(), behind.data()};
    const auto invite = take_given_invite(4, argv);
    ASSERT_FALSE(invite) << cut;
    EXPECT_EQ(invite.error().find_first_of("0123456789#"), std::string::npos);
    EXPECT_EQ(rest.find_first_not_of("parley:/\0"s), std::string::npos) << rest;
    EXPECT_EQ(behind, "file.txt");
  }
}

TEST(GivenInvite, ThatIsNotWholeTakesNothingElse) {
  char program[] = "parley";
  char invite[] = "parley://h/room#secret";
  char file[] = "file.txt";
  char* argv[] = {program, invite, file};
  EXPECT_TRUE(take_given_invite(3, argv));
  EXPECT_STREQ(file, "file.txt");
}

}  // namespace
}  // namespace parley::client
