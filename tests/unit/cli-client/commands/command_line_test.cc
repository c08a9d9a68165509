#include "cli-client/commands/command_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli-client/commands/commands.h"

namespace parley::client {
namespace {

// The command line as it is told of these arguments.
std::string told(std::vector<std::string> arguments) {
  CLI::App app("", "parley");
  std::function<int()> run;
  const Given given;
  add_send_command(app, given, run);
  add_receive_command(app, given, run);
  std::ranges::reverse(arguments);
  app.parse(arguments);
  return command_line(*app.get_subcommands().at(0));
}

TEST(CommandLine, HasAllArgumentsInTheirOrder) {
  EXPECT_EQ(told({"send", "photos/", "notes.txt", "--relay", "localhost:1", "--qr", "--name=ann"}),
            "parley send photos/ notes.txt --relay localhost:1 --qr --name ann");
  EXPECT_EQ(told({"receive", "--into", "/tmp", "--rename", "-"}), "parley receive --into /tmp --rename -");
  EXPECT_EQ(told({"receive"}), "parley receive");
}

TEST(CommandLine, LeavesTheInviteOut) {
  EXPECT_EQ(told({"send", "a", "parley://host/room#secret", "b"}), "parley send a b");
  EXPECT_EQ(told({"receive", "parley://"}), "parley receive");
}

TEST(CommandLine, IsQuotedForAShell) {
  EXPECT_EQ(told({"send", "my photo.jpg", "it's", "*", "", "Grüße"}),
            R"(parley send 'my photo.jpg' 'it'\''s' '*' '' 'Grüße')");
  EXPECT_EQ(told({"send", "--", "-weird"}), "parley send ./-weird");
  EXPECT_EQ(told({"send", "a\x1b[2J"}), R"(parley send 'a\x1b[2J')");
}

}  // namespace
}  // namespace parley::client
