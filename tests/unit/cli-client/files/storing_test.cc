// What a disk that fails can do to files that come: they are not told of as done, and the sender hears of it.
#include <gmock/gmock.h>

#include <cerrno>

#include "tests/unit/cli-client/files/disk_calls.h"
#include "tests/unit/cli-client/files/transfer.h"

namespace parley::client {
namespace {

using Kind = FileEvent::Kind;

class Storing : public testing::Test {
 protected:
  void send(const std::string& name) {
    transfer.send({from.path(name)});
    transfer.run();
  }
  DiskCalls::Call fails_at(const std::string& ending, int error) {
    return [ending, error](const std::string& path) { return path.ends_with(ending) ? error : 0; };
  }
  std::string done() const {
    std::string names;
    for (const FileEvent& event : transfer.received) names += event.kind == Kind::done ? event.name + " " : "";
    return names;
  }

  ScratchFolder from, to;
  Transfer transfer{to};
  DiskCalls disk;
};

TEST_F(Storing, WhatItsFolderMayLoseIsNotDone) {
  from.write("photos/a", "text");
  from.write("photos/june/b", "text");
  disk.fsync = fails_at("/photos", EIO);
  send("photos");
  const std::string reason = " may be lost again, as its folder cannot be written to the disk: input/output error\n";
  EXPECT_EQ(Transfer::reasons(transfer.received), "photos/a" + reason + "photos/june" + reason);
  EXPECT_EQ(Transfer::reasons(transfer.sent), Transfer::reasons(transfer.received));
  EXPECT_EQ(done(), "photos photos/june/b ");
  EXPECT_EQ(transfer.receiver->progress().files_failed, 1U);
  EXPECT_EQ(transfer.sender->progress().files_failed, 1U);
}

TEST_F(Storing, NothingIsDoneBeforeItsFolderIsOnTheDisk) {
  from.write("f/a", "text");
  from.write("f/b/c", "text");
  std::vector<std::string> synced;
  disk.fsync = [&](const std::string& path) {
    synced.push_back(std::filesystem::path(path).lexically_relative(to.path()));
    return 0;
  };
  transfer.send({from.path("f")});
  std::map<std::string, std::size_t> done_at;
  while (transfer.step()) {
    for (const FileEvent& event : transfer.received) {
      if (event.kind == Kind::done) done_at.try_emplace(event.name, synced.size());
    }
  }
  for (const auto& [name, folder] : std::map<std::string, std::string>{{"f", "."}, {"f/a", "f"}, {"f/b/c", "f/b"}}) {
    const auto at = std::find(synced.begin(), synced.end(), folder) - synced.begin();
    EXPECT_LT(at, std::ptrdiff_t(done_at[name])) << name;
  }
  EXPECT_EQ(done_at.size(), 4U);
}

TEST_F(Storing, AFolderMadeOnTheWayIsOnTheDiskToo) {
  disk.fsync = fails_at(to.path(), EIO);
  const auto place = open_target(to.path()).place("on/the/way");
  ASSERT_FALSE(place);
  EXPECT_EQ(misplaced_text(place.error()), "cannot be put there: input/output error");
}

TEST_F(Storing, AFileSystemThatCannotSyncFoldersIsNoReason) {
  from.write("a", "text");
  disk.fsync = fails_at(to.path(), EINVAL);
  send("a");
  EXPECT_EQ(done(), "a ");
}

TEST_F(Storing, ContentThatDoesNotGetToTheDiskIsNotGoneOnWith) {
  from.write("a", "text");
  disk.fsync = fails_at("/a.parley-part", EIO);
  send("a");
  EXPECT_EQ(Transfer::reasons(transfer.received), "a cannot be written: input/output error\n");
  EXPECT_EQ(Transfer::reasons(transfer.sent), Transfer::reasons(transfer.received));
  EXPECT_TRUE(to.all().empty());
}

TEST_F(Storing, OfManyOnlyThoseFailThatTheDiskDoesNotTake) {
  for (int i = 0; i < 20; ++i) from.write("f/" + std::to_string(i), "text");
  disk.syncfs = fails_at("", EIO);
  disk.fsync = fails_at("/f/7.parley-part", EIO);
  send("f");
  EXPECT_EQ(Transfer::reasons(transfer.received), "f/7 cannot be written: input/output error\n");
  EXPECT_EQ(transfer.receiver->progress().files_done, 19U);
}

// What a disk that takes a third of a second for each wait is waited for.
TEST_F(Storing, ThousandsOfSmallFilesInManyFoldersWaitForTheDiskFewTimes) {
  for (int i = 0; i < 3000; ++i) from.write("f/" + std::to_string(i / 40) + "/" + std::to_string(i), noise(900));
  std::size_t waits = 0;
  disk.fsync = disk.syncfs = [&waits](const std::string&) {
    ++waits;
    return DiskCalls::kDone;
  };
  send("f");
  EXPECT_EQ(transfer.receiver->progress().files_done, 3000U);
  EXPECT_LE(waits, 4U) << "twice each: content, and names";
}

// And their sender need not keep them all until then.
TEST_F(Storing, SmallFilesOfManyMegabytesWaitForTheDiskTwice) {
  for (int i = 0; i < 600; ++i) from.write("f/" + std::to_string(i), noise(25'000, static_cast<unsigned>(i)));
  std::size_t waits = 0;
  disk.fsync = disk.syncfs = [&waits](const std::string&) {
    ++waits;
    return DiskCalls::kDone;
  };
  transfer.back.tells_apart = true;
  send("f");
  EXPECT_EQ(transfer.sender->progress().files_done, 600U);
  EXPECT_TRUE(transfer.sender->finished());
  EXPECT_LE(waits, 3U) << "content, and names: of what is in the folder, and its own";
}

TEST_F(Storing, WhatIsAcknowledgedAndNotStoredIsNotDelivered) {
  from.write("f/a", "text");
  from.write("f/b", noise(5 * chat::kChunkBytes));
  transfer.back.tells_apart = true;
  transfer.send({from.path("f")});
  while (transfer.records[chat::Type::done] < 2) transfer.step();  // of f, and of f/a
  transfer.step();
  EXPECT_EQ(transfer.acknowledged.sequence, transfer.forth.popped()) << "the sender need not keep it";
  EXPECT_EQ(transfer.acknowledged.stored, 0U);
  EXPECT_EQ(Transfer::count(transfer.sent, Kind::done), 0U);
  transfer.restart_receiver();
  transfer.run();
  EXPECT_EQ(to.read("f/a"), "text");
  EXPECT_EQ(transfer.sender->progress().files_done, 2U);
}

TEST_F(Storing, OneFileIsStoredAtOnceWhenNothingElseIsOpen) {
  from.write("a", "text");
  transfer.send({from.path("a")});
  transfer.run();
  EXPECT_EQ(transfer.now, TimePoint()) << "no time had to pass";
  EXPECT_EQ(done(), "a ");
}

TEST_F(Storing, WhatIsThereIsStoredAlsoWhenItsSenderSaysNoMore) {
  from.write("f/a", "text");
  from.write("f/b", "text");
  transfer.send({from.path("f")});
  while (transfer.records[chat::Type::done] < 2) transfer.step();  // of f, and of one of them
  transfer.forth.clear();
  while (transfer.receiver->deadline() || transfer.receiver->busy()) {
    if (const auto at = transfer.receiver->deadline()) transfer.now = *at;
    transfer.receiver->pump(transfer.back, transfer.now);
  }
  EXPECT_TRUE(to.has("f/a"));
}

TEST_F(Storing, WhatIsThereWholeHasItsNameWhenItIsOver) {
  from.write("f/a", "text");
  from.write("f/b", noise(5 * chat::kChunkBytes));
  transfer.send({from.path("f")});
  while (transfer.records[chat::Type::done] < 2) transfer.step();  // of f, and of f/a
  EXPECT_FALSE(to.has("f/a")) << "more comes";
  transfer.receiver->end();
  EXPECT_EQ(to.read("f/a"), "text");
  EXPECT_FALSE(to.has("f/b"));
}

TEST_F(Storing, APartThatCannotBeCutIsNotWrittenBehind) {
  from.write("big", noise(2 * kHashStepBytes + 1));
  to.write("big.parley-part", noise(2 * kHashStepBytes));
  const std::string part = to.path("big.parley-part");
  disk.ftruncate = fails_at("/big.parley-part", EIO);
  transfer.send({from.path("big")});
  while (!transfer.receiver->busy()) transfer.step();
  std::filesystem::resize_file(part, 100);  // by another program, while it is read
  transfer.run();
  EXPECT_EQ(Transfer::reasons(transfer.received), "big cannot be written: input/output error\n");
  EXPECT_FALSE(to.has("big"));
}

}  // namespace
}  // namespace parley::client
