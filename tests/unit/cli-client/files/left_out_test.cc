// What does not come, and names that do not come as they are: both sides are told.

#include "tests/unit/cli-client/files/transfer.h"

#include <gmock/gmock.h>

#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace parley::client {
namespace {

using Kind = FileEvent::Kind;
namespace fs = std::filesystem;

TEST(LeftOut, SaysOnceThatAFolderCannotBeRead) {
  ScratchFolder from, to;
  from.write("f/closed/a", "text");
  from.write("f/open/a", "text");
  const bool root = ::geteuid() == 0;
  fs::permissions(from.path(), fs::perms(0755));
  fs::permissions(from.path("f/closed"), fs::perms(root ? 0700 : 0));
  Transfer transfer(to);
  if (root) ::setfsuid(65534);
  transfer.send({from.path("f")});
  if (root) ::setfsuid(0);
  transfer.run();
  fs::permissions(from.path("f/closed"), fs::perms(0700));
  EXPECT_EQ(Transfer::reasons(transfer.sent), "f/closed cannot be read: permission denied\n");
  EXPECT_EQ(Transfer::reasons(transfer.received), Transfer::reasons(transfer.sent));
  for (const auto& progress : {transfer.sender->progress(), transfer.receiver->progress()}) {
    EXPECT_EQ(progress.files_failed, 0U) << "it is no file";
    EXPECT_EQ(progress.folders_failed, 1U);
  }
  EXPECT_EQ(to.all(), (std::map<std::string, std::string>{{"f/", ""}, {"f/open/", ""}, {"f/open/a", "text"}}));
}

TEST(LeftOut, TwoOfOneNameComeWhenTheReceiverRenames) {
  ScratchFolder from, to;
  from.write("1/x", noise(kThreeChunks));
  from.write("2/x", noise(kThreeChunks, 2));
  Transfer transfer(to, IfExists::rename);
  transfer.send({from.path("1/x"), from.path("2/x")});
  transfer.run();
  EXPECT_EQ(Transfer::reasons(transfer.sent), "");
  EXPECT_EQ(to.read("x"), from.read("1/x"));
  EXPECT_EQ(to.read("x (1)"), from.read("2/x"));
}

// A folder with all kinds of what cannot be sent, or is not: "f/good" alone can.
void fill_with_what_does_not_come(const ScratchFolder& from) {
  from.write("f/good", "text");
  from.write("f/gone", "text");
  std::string deep = "f";
  for (int i = 0; i < 31; ++i) deep += "/d";
  from.write(deep + "/leaf", "too deep");
  fs::create_symlink("good", from.path("f/link"));
  ASSERT_EQ(::mkfifo(from.path("f/pipe").c_str(), 0600), 0);
}

TEST(LeftOut, BothSidesAreToldOfAllThatDoesNotCome) {
  ScratchFolder from, to;
  fill_with_what_does_not_come(from);
  Transfer transfer(to);
  transfer.send({from.path("f")});
  fs::remove(from.path("f/gone"));
  transfer.run();
  std::string deep = "f";
  for (int i = 0; i < 29; ++i) deep += "/d";
  EXPECT_EQ(Transfer::reasons(transfer.received),
            deep + "/…/leaf has too long a name\n" + "f/gone cannot be read: no such file or directory\n");
  EXPECT_EQ(Transfer::count(transfer.sent, Kind::failed), 2U);
  EXPECT_FALSE(to.has("f/gone.parley-part"));
  for (const auto& progress : {transfer.sender->progress(), transfer.receiver->progress()}) {
    EXPECT_EQ(progress.files_failed, 2U);
    EXPECT_EQ(progress.files_done, 1U);
    EXPECT_EQ(progress.files_total, 3U);
    EXPECT_EQ(progress.left_out, 2U);
    EXPECT_EQ(progress.bytes_total, 4U);
    EXPECT_EQ(progress.bytes_done, 4U);
  }
  EXPECT_TRUE(transfer.sender->finished());
}

TEST(LeftOut, AReceiverThatIsStartedAnewIsToldOnceMore) {
  ScratchFolder from, to;
  fill_with_what_does_not_come(from);
  Transfer transfer(to);
  transfer.send({from.path("f")});
  fs::remove(from.path("f/gone"));
  transfer.run();
  const std::string told = Transfer::reasons(transfer.received);
  transfer.received.clear();
  transfer.restart_receiver();
  transfer.run();
  EXPECT_EQ(Transfer::reasons(transfer.received), told);
  EXPECT_EQ(Transfer::count(transfer.sent, Kind::failed), 2U) << "its user knows";
  EXPECT_EQ(transfer.receiver->progress().left_out, 2U);
  EXPECT_EQ(transfer.sender->progress().files_failed, 2U);
  EXPECT_TRUE(transfer.sender->finished());
}

TEST(LeftOut, AnOlderReceiverIsToldByDone) {
  ScratchFolder from, to;
  fill_with_what_does_not_come(from);
  Transfer transfer(to);
  transfer.send({from.path("f")});
  fs::remove(from.path("f/gone"));
  transfer.on_record = [](Queue::Record& record) {
    if (record.type != chat::Type::offer) return;
    auto offer = chat::decode_offer(record.body);
    ASSERT_TRUE(offer);
    offer->error.clear();
    offer->left_out = 0;
    record.body = chat::encode(*offer);
  };
  transfer.run();
  EXPECT_EQ(Transfer::count(transfer.received, Kind::failed), 2U);
  EXPECT_EQ(transfer.receiver->progress().files_failed, 2U);
  EXPECT_EQ(to.read("f/good"), "text");
  EXPECT_TRUE(transfer.sender->finished());
}

TEST(LeftOut, WhatIsGoneWhenItsDigestIsWantedIsToldToo) {
  ScratchFolder from, to;
  from.write("gone", "text");
  to.write("gone", "same");
  Transfer transfer(to);
  transfer.send({from.path("gone")});
  transfer.on_record = [&](Queue::Record&) { std::ofstream(from.path("gone"), std::ios::trunc); };
  transfer.run();
  EXPECT_EQ(Transfer::reasons(transfer.received), "gone became shorter while it was sent\n");
  EXPECT_EQ(Transfer::reasons(transfer.sent), Transfer::reasons(transfer.received));
  EXPECT_EQ(transfer.receiver->progress().files_failed, 1U);
  EXPECT_EQ(to.read("gone"), "same");
}

TEST(LeftOut, BothSidesKnowTheOthersName) {
  ScratchFolder from, to;
  from.write(".env", "text");
  from.write("plain", "text");
  Transfer transfer(to);
  transfer.send({from.path(".env"), from.path("plain")});
  transfer.run();
  for (const FileEvent& event : transfer.sent) EXPECT_EQ(event.other_name, event.name == ".env" ? "_env" : "");
  for (const FileEvent& event : transfer.received) EXPECT_EQ(event.other_name, event.name == "_env" ? ".env" : "");
  EXPECT_EQ(to.read("_env"), "text");
}

TEST(LeftOut, WhateverANameIsMadeOfItsOfferIsNotTooLong) {
  ScratchFolder from, to;
  for (const char c : {'\x01', '"', '\\', '\xff'}) {
    std::string path(200, c);
    for (int i = 0; i < 4; ++i) path += "/" + std::string(200, c);
    from.write(path, "text");
  }
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(from.path())) paths.push_back(entry.path());
  Transfer transfer(to, IfExists::rename);
  transfer.send(paths);
  transfer.on_record = [](Queue::Record& record) { EXPECT_LE(record.body.size(), chat::kMaxJsonBytes); };
  transfer.run();
  EXPECT_EQ(transfer.receiver->progress().files_done, 4U) << Transfer::reasons(transfer.received);
}

TEST(LeftOut, NamesThatAreCutToOneAreTold) {
  ScratchFolder from, to;
  const std::string name(240, 'n');
  from.write("f/" + name + "1", "one");
  from.write("f/" + name + "2", "two");
  Transfer transfer(to);
  transfer.send({from.path("f")});
  transfer.run();
  EXPECT_THAT(Transfer::reasons(transfer.sent),
              testing::HasSubstr("2 has the same name here as another that was sent"));
  EXPECT_EQ(Transfer::count(transfer.received, Kind::failed), 1U);
}

}  // namespace
}  // namespace parley::client
