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

TEST(LeftOut, TheReceiverIsToldHowManyWereNamed) {
  ScratchFolder from, to;
  from.write("f/a", "text");
  from.write("b", "text");
  Transfer transfer(to);
  transfer.receiver.emplace(std::nullopt, IfExists::refuse);
  transfer.send({from.path("f"), from.path("b")});
  transfer.run();
  ASSERT_NE(transfer.receiver->offered(), nullptr);
  EXPECT_EQ(transfer.receiver->offered()->named, 2U);
  EXPECT_EQ(transfer.receiver->offered()->files, 2U);
  transfer.receiver->accept(std::make_shared<const TargetFolder>(open_target(to.path())));
  transfer.run();
  EXPECT_EQ(to.all(), from.all());
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
  from.write("f/a\x01", "one");
  from.write("f/a\x02", "two");
  Transfer transfer(to);
  transfer.send({from.path("f")});
  transfer.run();
  EXPECT_THAT(Transfer::reasons(transfer.sent), testing::HasSubstr("has the same name here as another that was sent"));
  EXPECT_EQ(Transfer::count(transfer.received, Kind::failed), 1U);
}

TEST(LeftOut, TwoOfOneNameAreAskedAbout) {
  ScratchFolder from, to;
  from.write("1/x", noise(kThreeChunks));
  from.write("2/x", noise(kThreeChunks + 1, 2));
  Transfer transfer(to, IfExists::ask);
  transfer.send({from.path("1/x"), from.path("2/x")});
  transfer.run();
  const auto question = transfer.receiver->question();
  ASSERT_TRUE(question);
  EXPECT_EQ(question->size, kThreeChunks + 1);
  transfer.receiver->decide(question->file, IfExists::rename, false);
  transfer.run();
  EXPECT_EQ(to.read("x"), from.read("1/x"));
  EXPECT_EQ(to.read("x (1)"), from.read("2/x"));
}

TEST(LeftOut, TheSenderIsToldTheNameThatTheReceiverGives) {
  ScratchFolder from, to;
  from.write("x", "mine");
  from.write("y", "mine");
  to.write("x", "another");
  Transfer transfer(to, IfExists::rename);
  transfer.send({from.path("x"), from.path("y")});
  transfer.run();
  for (const FileEvent& event : transfer.sent) {
    if (event.kind != Kind::done) continue;
    EXPECT_EQ(event.other_name, event.name == "x" ? "x (1)" : "");
  }
  EXPECT_EQ(to.read("x (1)"), "mine");
}

TEST(LeftOut, ADotThatIsWantedIsKept) {
  ScratchFolder from, to;
  from.write(".env", "text");
  from.write(".config/.a", "text");
  Transfer transfer(to);
  transfer.receiver.emplace(open_target(to.path()).with_own_names(), IfExists::refuse);
  transfer.send({from.path(".env"), from.path(".config")});
  transfer.run();
  for (const auto& events : {transfer.sent, transfer.received}) {
    for (const FileEvent& event : events) EXPECT_EQ(event.other_name, "") << event.name;
  }
  EXPECT_EQ(to.all(), from.all());
}

TEST(LeftOut, TheLongestNamesComeWholeAndAreGoneOnWith) {
  ScratchFolder from, to;
  const std::string name(254, 'n');
  from.write(name + "1", noise(kThreeChunks));
  from.write(name + "2", noise(kThreeChunks, 2));
  Transfer transfer(to);
  const std::vector<std::string> paths = {from.path(name + "1"), from.path(name + "2")};
  transfer.send(paths);
  while (transfer.records[chat::Type::chunk] < 5) transfer.step();
  transfer.restart_sender(paths);
  transfer.run();
  EXPECT_EQ(to.all(), from.all());
  EXPECT_EQ(transfer.records[chat::Type::chunk], 6U) << "what came is not sent again";
}

// Of a size that no OFFER can have: the others come.
TEST(LeftOut, AFileThatIsTooLargeIsTold) {
  const fs::path memory = "/dev/shm";  // few file systems on disks have any of that size
  ScratchFolder from(fs::is_directory(memory) ? memory : fs::temp_directory_path()), to;
  from.write("a", "text");
  from.write("large", "");
  if (::truncate(from.path("large").c_str(), static_cast<off_t>(chat::kMaxFileBytes) + 1) != 0) {
    GTEST_SKIP() << "the file system has no files of that size";
  }
  Transfer transfer(to);
  transfer.send({from.path("large"), from.path("a")});
  transfer.run();
  EXPECT_EQ(Transfer::reasons(transfer.sent),
            "large has 9,007,199,254,740,992 bytes, and the largest file that can be "
            "sent 9,007,199,254,740,991 bytes\n");
  EXPECT_EQ(Transfer::reasons(transfer.received), Transfer::reasons(transfer.sent));
  EXPECT_EQ(to.read("a"), "text");
}

TEST(LeftOut, SumsBeyondAllBoundsEndNoTransfer) {
  ScratchFolder from, to;
  from.write("z", "text");
  SourceTree tree = find_sources({from.path("z")});
  for (const char* name : {"a", "b", "c"}) {
    Source source = tree.sources.back();
    source.path = source.name = name;
    source.size = chat::kMaxFileBytes;
    source.error = "cannot be read: no such file or directory";
    tree.sources.insert(tree.sources.begin(), source);
  }
  Transfer transfer(to);
  transfer.sender.emplace();
  transfer.sender->add(tree);
  transfer.run();
  EXPECT_EQ(Transfer::count(transfer.received, Kind::failed), 3U);
  EXPECT_EQ(to.read("z"), "text");
  EXPECT_TRUE(transfer.sender->finished());
}

}  // namespace
}  // namespace parley::client
