#include "tests/unit/cli-client/files/transfer.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace parley::client {
namespace {

using Kind = FileEvent::Kind;
namespace fs = std::filesystem;

TEST(Transfer, MovesAFolderWithAllThatIsInIt) {
  ScratchFolder from, to;
  from.write("photos/a.jpg", noise(kThreeChunks));
  from.write("photos/june/empty", "");
  from.write("photos/june/.hidden", "dot");
  from.write("photos/june/exactly", noise(chat::kChunkBytes));
  fs::create_directories(from.path("photos/nothing in it"));
  fs::permissions(from.path("photos/a.jpg"), fs::perms(0700));
  fs::permissions(from.path("photos/june"), fs::perms(0700));
  Transfer transfer(to);
  transfer.send({from.path("photos")});
  transfer.run();
  EXPECT_EQ(to.all(), from.all());
  EXPECT_EQ(fs::status(to.path("photos/a.jpg")).permissions(), fs::perms(0700));
  EXPECT_EQ(fs::status(to.path("photos/june")).permissions(), fs::perms(0700));
  EXPECT_TRUE(transfer.sender->finished());
  EXPECT_FALSE(transfer.receiver->unfinished());
  EXPECT_EQ(Transfer::count(transfer.received, Kind::done), 7U);
  EXPECT_EQ(Transfer::count(transfer.sent, Kind::done), 7U);
  for (const auto& progress : {transfer.sender->progress(), transfer.receiver->progress()}) {
    EXPECT_EQ(progress.files_done, 4U);
    EXPECT_EQ(progress.files_total, 4U);
    EXPECT_EQ(progress.bytes_done, kThreeChunks + 3 + chat::kChunkBytes);
    EXPECT_EQ(progress.bytes_total, progress.bytes_done);
    EXPECT_EQ(progress.bytes_moved, progress.bytes_done);
  }
}

TEST(Transfer, OffersAheadOfAnswers) {
  ScratchFolder from, to;
  for (int i = 0; i < 80; ++i) from.write("many/" + std::to_string(i), std::to_string(i));
  Transfer transfer(to);
  transfer.send({from.path("many")});
  transfer.sender->pump(transfer.forth);
  std::size_t offers = 0;
  for (; !transfer.forth.empty(); ++offers) {
    const auto record = transfer.forth.pop();
    EXPECT_EQ(record.type, chat::Type::offer);
    EXPECT_FALSE(transfer.receiver->take(record.type, {}, record.body));
  }
  EXPECT_EQ(offers, chat::kMaxOpenFiles);
  transfer.run();
  EXPECT_EQ(to.all(), from.all());
}

TEST(Transfer, GoesOnWhereAKilledReceiverStopped) {
  ScratchFolder from, to;
  from.write("big", noise(kThreeChunks));
  Transfer transfer(to);
  transfer.send({from.path("big")});
  while (transfer.records[chat::Type::chunk] < 2) transfer.step();
  transfer.restart_receiver();
  EXPECT_EQ(to.read("big.parley-part").size(), 2 * chat::kChunkBytes);
  EXPECT_FALSE(to.has("big"));
  transfer.run();
  EXPECT_EQ(to.all(), from.all());
  EXPECT_EQ(transfer.records[chat::Type::chunk], 3U) << "only what was missing is sent";
  EXPECT_EQ(transfer.received.front().offset + transfer.received[1].offset, 2 * chat::kChunkBytes);
}

TEST(Transfer, GoesOnWhereAKilledSenderStopped) {
  ScratchFolder from, to;
  for (int i = 0; i < 8; ++i) from.write("some/" + std::to_string(i), noise(kThreeChunks, unsigned(i)));
  Transfer transfer(to);
  transfer.send({from.path("some")});
  while (transfer.records[chat::Type::chunk] < 11) transfer.step();
  transfer.restart_sender({from.path("some")});
  transfer.run();
  EXPECT_EQ(to.all(), from.all());
  EXPECT_EQ(transfer.records[chat::Type::chunk], 24U);
  EXPECT_EQ(Transfer::count(transfer.received, Kind::present), 3U) << "what was complete is not sent again";
  EXPECT_EQ(transfer.sender->progress().bytes_done, 8 * kThreeChunks);
  EXPECT_EQ(transfer.sender->progress().bytes_moved, 13 * chat::kChunkBytes - 5 * 100);
  EXPECT_EQ(transfer.receiver->progress().bytes_done, 8 * kThreeChunks);
}

TEST(Transfer, SaysThatItComparesWhatIsThere) {
  ScratchFolder from, to;
  from.write("big", noise(2 * kHashStepBytes + 1));
  to.write("big.parley-part", noise(2 * kHashStepBytes));
  Transfer transfer(to);
  transfer.send({from.path("big")});
  // What is done with "big": sent chunks are acknowledged at once here.
  std::set<Activity> sender, receiver;
  while (transfer.step()) {
    if (transfer.sender->current() == "big") sender.insert(transfer.sender->activity());
    if (transfer.receiver->current() == "big") receiver.insert(transfer.receiver->activity());
  }
  EXPECT_TRUE(sender.contains(Activity::comparing));
  EXPECT_TRUE(receiver.contains(Activity::comparing));
  EXPECT_TRUE(receiver.contains(Activity::moving));
}

TEST(Transfer, SaysThatAnAnswerIsWaitedFor) {
  ScratchFolder from, to;
  from.write("a", "new");
  to.write("a", "there");
  Transfer transfer(to, IfExists::ask);
  transfer.send({from.path("a")});
  EXPECT_EQ(transfer.sender->activity(), Activity::moving) << "nobody has been asked";
  transfer.run();
  EXPECT_EQ(transfer.sender->activity(), Activity::waiting);
  EXPECT_EQ(transfer.receiver->activity(), Activity::waiting);
  transfer.receiver->decide(transfer.receiver->question()->file, IfExists::overwrite, false);
  transfer.run();
  EXPECT_EQ(transfer.sender->activity(), Activity::moving);
  EXPECT_EQ(transfer.receiver->activity(), Activity::moving);
}

TEST(Transfer, AnEmptyFileThatIsThereIsToldSoByBothSides) {
  ScratchFolder from, to;
  from.write("empty", "");
  to.write("empty", "");
  Transfer transfer(to);
  transfer.send({from.path("empty")});
  transfer.run();
  EXPECT_EQ(Transfer::count(transfer.received, Kind::present), 1U);
  EXPECT_EQ(Transfer::count(transfer.sent, Kind::present), 1U);
}

TEST(Transfer, BeginsAnewWhenThePartIsOfSomethingElse) {
  ScratchFolder from, to;
  from.write("big", noise(kThreeChunks));
  for (const std::size_t size : {std::size_t{1}, kThreeChunks, 2 * kThreeChunks}) {
    to.write("big.parley-part", noise(size, 7));
    Transfer transfer(to);
    transfer.send({from.path("big")});
    transfer.run();
    EXPECT_EQ(to.all(), from.all()) << size;
    EXPECT_EQ(transfer.receiver->progress().bytes_done, kThreeChunks);
    fs::remove(to.path("big"));
  }
}

TEST(Transfer, OverwritesNothingUnasked) {
  ScratchFolder from, to;
  from.write("a.txt", "new text");
  to.write("a.txt", "old text");
  Transfer transfer(to);
  transfer.send({from.path("a.txt")});
  transfer.run();
  EXPECT_EQ(to.read("a.txt"), "old text");
  EXPECT_EQ(to.all().size(), 1U);
  EXPECT_EQ(Transfer::reasons(transfer.sent), "a.txt exists already, and is different\n");
  EXPECT_TRUE(transfer.sent.back().other_side);
  EXPECT_TRUE(transfer.sender->finished());
}

TEST(Transfer, AsksAndGoesOnWithTheOthersMeanwhile) {
  ScratchFolder from, to;
  for (const char* name : {"f/a", "f/b", "f/c", "f/d"}) from.write(name, name);
  for (const char* name : {"f/a", "f/b", "f/c"}) to.write(name, "older and longer");
  Transfer transfer(to, IfExists::ask);
  transfer.send({from.path("f")});
  transfer.run();
  EXPECT_EQ(to.read("f/d"), "f/d");
  const auto question = transfer.receiver->question();
  ASSERT_TRUE(question);
  EXPECT_EQ(question->name, "f/a");
  EXPECT_EQ(question->occupant.size, 16U);
  transfer.receiver->decide(question->file, IfExists::overwrite, false);
  transfer.run();
  EXPECT_EQ(to.read("f/a"), "f/a");
  transfer.receiver->decide(transfer.receiver->question()->file, IfExists::rename, true);
  transfer.run();
  EXPECT_FALSE(transfer.receiver->question());
  EXPECT_EQ(to.read("f/b"), "older and longer");
  EXPECT_EQ(to.read("f/b (1)"), "f/b");
  EXPECT_EQ(to.read("f/c (1)"), "f/c");
  EXPECT_TRUE(transfer.sender->finished());
}

TEST(Transfer, AWordForAllIsForThoseThatAreBeingCompared) {
  ScratchFolder from, to;
  from.write("f/a", "a");
  to.write("f/a", "older");
  for (const char* name : {"f/b", "f/c"}) {
    from.write(name, noise(kHashStepBytes + 1));
    to.write(name, noise(kHashStepBytes + 1, 2));
  }
  Transfer transfer(to, IfExists::ask);
  transfer.send({from.path("f")});
  while (!(transfer.receiver->question() && transfer.receiver->busy())) ASSERT_TRUE(transfer.step());
  transfer.receiver->decide(transfer.receiver->question()->file, IfExists::overwrite, true);
  transfer.run();
  EXPECT_FALSE(transfer.receiver->question());
  EXPECT_EQ(to.all(), from.all());
}

TEST(Transfer, RenamesOnce) {
  ScratchFolder from, to;
  from.write("a.txt", noise(kThreeChunks));
  to.write("a.txt", noise(kThreeChunks, 9));
  to.write("a (1).txt", "taken");
  for (const Kind last : {Kind::done, Kind::present}) {
    Transfer transfer(to, IfExists::rename);
    transfer.send({from.path("a.txt")});
    transfer.run();
    EXPECT_EQ(transfer.received.back().kind, last);
    EXPECT_EQ(transfer.received.back().name, "a (2).txt");
    EXPECT_EQ(to.read("a (2).txt"), from.read("a.txt"));
    EXPECT_EQ(to.all().size(), 3U);
  }
}

TEST(Transfer, FollowsNoLinks) {
  ScratchFolder from, to, outside;
  outside.write("secret", "secret");
  from.write("f/file", "file");
  fs::create_symlink(outside.path("secret"), from.path("f/link"));
  fs::create_directory_symlink(outside.path(), from.path("f/folder"));
  ASSERT_EQ(::mkfifo(from.path("f/fifo").c_str(), 0600), 0);
  EXPECT_EQ(find_sources({from.path("f/link")}).error, from.path("f/link") + " is a link; name what it leads to");
  Transfer transfer(to);
  transfer.send({from.path("f")});
  EXPECT_THAT(transfer.skipped, testing::UnorderedElementsAre("f/link is a link", "f/folder is a link",
                                                              "f/fifo is neither a file nor a folder"));
  transfer.run();
  EXPECT_EQ(to.all(), (std::map<std::string, std::string>{{"f/", ""}, {"f/file", "file"}}));
}

TEST(Transfer, WritesThroughNoLinks) {
  ScratchFolder from, outside;
  outside.write("victim", "untouched");
  from.write("f/file", "file");
  const auto refused = [&](IfExists if_exists, const std::function<void(const ScratchFolder&)>& prepare) {
    ScratchFolder to;
    prepare(to);
    Transfer transfer(to, if_exists);
    transfer.send({from.path("f")});
    transfer.run();
    EXPECT_EQ(outside.all(), (std::map<std::string, std::string>{{"victim", "untouched"}}));
    return Transfer::reasons(transfer.received);
  };
  EXPECT_THAT(
      refused(IfExists::overwrite, [&](const auto& to) { fs::create_directory_symlink(outside.path(), to.path("f")); }),
      testing::HasSubstr("f/file cannot be put there: a file or a link is in the place of its folder"));
  const auto part = [&](const auto& to) { fs::create_directory(to.path("f")); };
  EXPECT_THAT(refused(IfExists::refuse,
                      [&](const auto& to) {
                        part(to);
                        fs::create_symlink(outside.path("victim"), to.path("f/file.parley-part"));
                      }),
              testing::HasSubstr(".parley-part is a link"));
  EXPECT_THAT(refused(IfExists::refuse,
                      [&](const auto& to) {
                        part(to);
                        fs::create_hard_link(outside.path("victim"), to.path("f/file.parley-part"));
                      }),
              testing::HasSubstr(".parley-part is a link"));
  // Put in the place of the link, not of what it leads to.
  EXPECT_EQ(refused(IfExists::overwrite,
                    [&](const auto& to) {
                      part(to);
                      fs::create_symlink(outside.path("victim"), to.path("f/file"));
                    }),
            "");
}

TEST(Transfer, OnlyOneReceivesAFile) {
  ScratchFolder from, to;
  from.write("big", noise(kThreeChunks));
  Transfer first(to), second(to);
  first.send({from.path("big")});
  while (first.records[chat::Type::chunk] < 1) first.step();
  second.send({from.path("big")});
  second.run();
  EXPECT_EQ(Transfer::reasons(second.sent), "big is being received already\n");
  first.run();
  EXPECT_EQ(to.all(), from.all());
}

TEST(Transfer, SaysWhenAFileChangesWhileItIsSent) {
  ScratchFolder from, to;
  from.write("f/grows", noise(kThreeChunks));
  from.write("f/shrinks", noise(kThreeChunks));
  from.write("f/stays", noise(kThreeChunks));
  Transfer transfer(to);
  transfer.send({from.path("f")});
  transfer.sender->pump(transfer.forth);
  std::ofstream(from.path("f/grows"), std::ios::app) << "more";
  fs::resize_file(from.path("f/shrinks"), 100);
  transfer.run();
  EXPECT_EQ(Transfer::reasons(transfer.sent),
            "f/grows was changed while it was sent\nf/shrinks became shorter while it was sent\n");
  EXPECT_EQ(Transfer::reasons(transfer.received), Transfer::reasons(transfer.sent));
  EXPECT_FALSE(to.has("f/grows"));
  EXPECT_FALSE(to.has("f/shrinks"));
  EXPECT_EQ(to.read("f/stays"), from.read("f/stays"));
  for (const auto& progress : {transfer.sender->progress(), transfer.receiver->progress()}) {
    EXPECT_EQ(progress.files_failed, 2U);
    EXPECT_EQ(progress.bytes_done, kThreeChunks) << "what came of those that failed is none of what is here";
    EXPECT_EQ(progress.bytes_total, kThreeChunks);
  }
}

TEST(Transfer, SaysWhenAFileIsGoneOrBecomesALink) {
  ScratchFolder from, to;
  for (const char* name : {"a", "b", "c"}) from.write(name, "text");
  Transfer transfer(to);
  transfer.send({from.path("a"), from.path("b"), from.path("c")});
  fs::remove(from.path("a"));
  fs::remove(from.path("b"));
  fs::create_symlink("c", from.path("b"));
  transfer.run();
  EXPECT_EQ(Transfer::reasons(transfer.sent), "a cannot be read: no such file or directory\nb has become a link\n");
  EXPECT_EQ(Transfer::reasons(transfer.received), Transfer::reasons(transfer.sent));
  EXPECT_EQ(transfer.receiver->progress().files_failed, 2U);
  EXPECT_EQ(to.all().size(), 1U);
  EXPECT_TRUE(transfer.sender->finished());
}

TEST(Transfer, DoesNotSendAsEmptyWhatTellsNoSize) {
  ScratchFolder to;
  Transfer transfer(to);
  transfer.send({"/proc/version"});
  transfer.run();
  EXPECT_EQ(Transfer::reasons(transfer.sent), "version does not tell its size; make a copy of it and send that\n");
  EXPECT_TRUE(to.all().empty());
}

// How many of the files offered are in which group.
std::map<std::size_t, std::size_t> files_by_group(FileSender& sender) {
  OfferGroups groups(std::nullopt);
  Queue offers;
  sender.pump(offers);
  std::map<std::size_t, std::size_t> files;
  while (!offers.empty()) {
    const auto offer = chat::decode_offer(offers.pop().body);
    EXPECT_TRUE(offer);
    const std::size_t group = groups.judge(*offer).group;
    if (!offer->directory) ++files[group];
  }
  return files;
}

TEST(Transfer, AsksOnceMoreWhenAFileHasGrownSinceItWasFound) {
  const ScratchFolder source;
  for (const char* name : {"a", "b", "c", "d", "e"}) source.write(std::string("logs/") + name, "text");
  FileSender sender;
  sender.add(find_sources({source.path("logs")}));
  source.write("logs/b", "more text");
  EXPECT_EQ(files_by_group(sender), (std::map<std::size_t, std::size_t>{{0, 1}, {1, 4}}));
  sender.restart();
  EXPECT_EQ(files_by_group(sender), (std::map<std::size_t, std::size_t>{{0, 5}}));
}

TEST(Transfer, AFileThatHasGoneStaysInItsGroup) {
  const ScratchFolder source;
  std::vector<std::string> paths;
  for (const char* name : {"a", "b", "c", "d"}) {
    source.write(name, "text");
    paths.push_back(source.path(name));
  }
  FileSender sender;
  sender.add(find_sources(paths));
  sender.add(find_sources({paths[2], paths[3]}));
  std::filesystem::remove(paths[0]);
  EXPECT_EQ(files_by_group(sender), (std::map<std::size_t, std::size_t>{{0, 4}, {1, 2}}));
}

TEST(Transfer, GoesOnWithAPartThatWasStoppedJustBeforeItsName) {
  const ScratchFolder source;
  const ScratchFolder target;
  source.write("object", noise(100'000));
  target.write("object.parley-part", source.read("object"));
  ASSERT_EQ(::chmod(target.path("object.parley-part").c_str(), 0444), 0);
  // Root may open everything, unless it works as somebody else.
  const bool root = ::geteuid() == 0;
  for (const std::string& path : {target.path(), target.path("object.parley-part")}) {
    ASSERT_TRUE(!root || ::chown(path.c_str(), 65534, 65534) == 0);
  }
  ASSERT_EQ(::chmod(source.path().c_str(), 0755), 0);
  if (root) ::setfsuid(65534);
  Transfer transfer(target);
  transfer.send({source.path("object")});
  transfer.run();
  if (root) ::setfsuid(0);
  EXPECT_EQ(Transfer::reasons(transfer.received), "");
  EXPECT_EQ(transfer.records[chat::Type::chunk], 0U);
  EXPECT_TRUE(target.read("object") == source.read("object"));
}

TEST(Transfer, FindsDamage) {
  ScratchFolder from, to;
  from.write("big", noise(kThreeChunks));
  Transfer transfer(to);
  transfer.send({from.path("big")});
  bool damaged = false;
  transfer.on_record = [&](Queue::Record& record) {
    if (record.type == chat::Type::chunk && !std::exchange(damaged, true)) record.body.back() ^= std::byte{1};
  };
  transfer.run();
  EXPECT_TRUE(to.all().empty()) << "neither the file nor its part";
  EXPECT_THAT(Transfer::reasons(transfer.sent), testing::HasSubstr("is not what was sent (its SHA-256 differs)"));
  EXPECT_EQ(transfer.sender->progress().files_failed, 1U);
  EXPECT_TRUE(transfer.sender->finished());
}

TEST(Transfer, SendsNoNameTwice) {
  ScratchFolder from, to;
  from.write("1/x", "one");
  from.write("2/x", "two");
  Transfer transfer(to);
  transfer.send({from.path("1/x"), from.path("2/x")});
  transfer.run();
  EXPECT_EQ(to.read("x"), "one");
  EXPECT_EQ(Transfer::reasons(transfer.sent),
            "x has the same name here as another that was sent; receive --rename takes both\n");
  EXPECT_EQ(Transfer::reasons(transfer.received), Transfer::reasons(transfer.sent));
  EXPECT_EQ(transfer.sender->progress().files_failed, 1U);
  EXPECT_EQ(transfer.sender->progress().files_total, 2U);
  transfer.send({from.path("1/x"), from.path("1/x")});
  EXPECT_THAT(transfer.skipped, testing::ElementsAre("x is named twice"));
  EXPECT_EQ(transfer.sender->progress().files_failed, 0U);
}

TEST(Transfer, FewDescriptorsMeanLaterNotFailure) {
  ScratchFolder from, to;
  for (int i = 0; i < 200; ++i) {
    from.write("f/" + std::to_string(i), noise(i % 3 == 0 ? 0 : 100, static_cast<unsigned>(i)));
    if (i % 5 == 0) to.write("f/" + std::to_string(i), noise(i % 3 == 0 ? 0 : 100, static_cast<unsigned>(i)));
  }
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest = ::dup(0);
  ::close(lowest);
  const rlimit few{static_cast<rlim_t>(lowest) + 16, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  {
    Transfer transfer(to);
    transfer.send({from.path("f")});
    transfer.run();
    EXPECT_EQ(Transfer::reasons(transfer.sent), "");
    EXPECT_EQ(transfer.receiver->progress().files_done, 200U);
    EXPECT_FALSE(transfer.receiver->unfinished());
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(to.all(), from.all());
}

TEST(Transfer, AFolderMayBeCalledLikeAPart) {
  ScratchFolder from, to;
  from.write("f.parley-part/a", "text");
  Transfer transfer(to);
  transfer.send({from.path("f.parley-part")});
  transfer.run();
  EXPECT_EQ(to.all(), from.all());
}

TEST(Transfer, SaysWhyAPathCannotBeSent) {
  ScratchFolder from;
  EXPECT_EQ(find_sources({from.path("none")}).error, from.path("none") + " does not exist");
  EXPECT_EQ(find_sources({""}).error, "a file without a name does not exist");
  EXPECT_EQ(find_sources({"/"}).error, "/ is the root of the file system");
  EXPECT_EQ(find_sources({"//"}).error, "// is the root of the file system");
  EXPECT_EQ(find_sources({"/.."}).error, "/.. is the root of the file system");
  EXPECT_EQ(find_sources({"/dev/null"}).error, "/dev/null is neither a file nor a folder");
  const auto tree = find_sources({from.path() + "/."});
  ASSERT_EQ(tree.sources.size(), 1U);
  EXPECT_EQ(tree.sources[0].name, fs::path(from.path()).filename());
}

}  // namespace
}  // namespace parley::client
