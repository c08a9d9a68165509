#include "cli-client/meeting/invites.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
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

TEST(GivenInvite, IsFoundAsMailAndEditorsHandItOver) {
  for (const std::string before : {"\xe2\x80\x9c", "> ", "\n* ", "[join me](", "[",
                                   "parley: the invite for the other side: ", "\xef\xbb\xbf\xe2\x80\x98"}) {
    std::string text = before + "parley://h/room#secret";
    char program[] = "parley";
    char* argv[] = {program, text.data()};
    const auto invite = take_given_invite(2, argv);
    ASSERT_TRUE(invite && *invite) << before;
    EXPECT_TRUE((*invite)->reveal().ends_with("#secret"));
    EXPECT_EQ(text.find("secret"), std::string::npos);
  }
}

class InviteFile : public testing::Test {
 protected:
  const std::string path_ = testing::TempDir() + "parley-invite-file-" + std::to_string(::getpid());
  ~InviteFile() override { std::remove(path_.c_str()); }

  tl::expected<std::optional<chat::Invite>, Refusal> read(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return read_invite({.argument = "", .file = path_}, std::nullopt);
  }
};

const std::string kHandedOver = "parley://h/ICEiIyQlJicoKSorLC0uLw#QEFCQ0RFRkdISUpLTE1OTw";

TEST_F(InviteFile, IsReadUpToTheLineThatTheInviteEndsIn) {
  for (const std::string& text : {
           kHandedOver,
           kHandedOver + "\nparley://another/one",
           "\xef\xbb\xbf" + kHandedOver + "\r\nmore\r\n",
           "\n\n  " + kHandedOver + "\n",
           "Hello Bob,\nhere it is:\n\n> " + kHandedOver.substr(0, 40) + "\n> " + kHandedOver.substr(40) +
               "\nYours, A\n",
       }) {
    const auto invite = read(text);
    ASSERT_TRUE(invite && *invite) << text;
    EXPECT_EQ((*invite)->text().reveal(), kHandedOver);
  }
}

TEST_F(InviteFile, WithoutOneIsRefused) {
  for (const std::string& text : {std::string(), "\n\n"s, "hello\n"s, kHandedOver.substr(0, 40),
                                  std::string(100'000, '\n'), std::string(100'000, 'x'), kHandedOver + " hello"}) {
    const auto invite = read(text);
    ASSERT_FALSE(invite);
    EXPECT_EQ(invite.error().status, ExitStatus::usage);
    EXPECT_TRUE(invite.error().text.starts_with("bad invite: ")) << invite.error().text;
  }
}

}  // namespace
}  // namespace parley::client
