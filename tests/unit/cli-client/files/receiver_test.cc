// What a sender that lies can do to a receiver: nothing.
#include "cli-client/files/receiver.h"

#include <gmock/gmock.h>

#include "cli-client/files/sha256.h"
#include "protocol/chat/errc.h"
#include "tests/unit/cli-client/files/transfer.h"

namespace parley::client {
namespace {

using chat::Errc;
using chat::Type;

struct Liar {
  explicit Liar(IfExists if_exists = IfExists::refuse) : receiver(open_target(folder.path()), if_exists) {}

  std::error_code offer(std::uint32_t file, const std::string& name, std::uint64_t size) {
    return give(Type::offer, chat::encode(chat::Offer{.file = file, .name = name, .size = size}));
  }
  std::error_code chunk(std::uint32_t file, std::uint64_t offset, std::string_view text) {
    return give(Type::chunk, chat::encode(chat::Chunk{file, offset, as_bytes(text)}));
  }
  std::error_code done(std::uint32_t file, std::string_view text) {
    Sha256 sha256;
    sha256.update(as_bytes(text));
    return give(Type::done, chat::encode(chat::Done{.file = file, .sha256 = sha256.digest(), .error = ""}));
  }
  std::error_code give(Type type, const Bytes& body) {
    const auto error = receiver.take(type, {}, body);
    do {
      receiver.pump(answers, now);
      if (const auto at = receiver.deadline()) now = *at;
    } while (receiver.busy() || receiver.deadline());
    return error;
  }
  // A file in full, and what it is called here.
  std::string receive(const std::string& name) {
    const std::uint32_t file = ++last;
    EXPECT_FALSE(offer(file, name, 4));
    EXPECT_FALSE(chunk(file, 0, "text"));
    EXPECT_FALSE(done(file, "text"));
    std::string named;
    while (const auto event = receiver.next_event()) named = event->kind == FileEvent::Kind::done ? event->name : "";
    return named;
  }
  chat::Answer answer() {
    const auto decoded = chat::decode_answer(answers.pop().body);
    EXPECT_TRUE(decoded);
    return *decoded;
  }

  ScratchFolder folder;
  FileReceiver receiver;
  Queue answers;
  TimePoint now{};
  std::uint32_t last = 0;
};

TEST(FileReceiver, NamesLeadNowhereElse) {
  Liar liar;
  EXPECT_EQ(liar.receive("../x"), "__/x");
  EXPECT_EQ(liar.receive("/etc/passwd"), "etc/passwd");
  EXPECT_EQ(liar.receive("a/../../../x"), "a/__/__/__/x");
  EXPECT_EQ(liar.receive("."), "_");
  EXPECT_EQ(liar.receive(".../.."), "___/__");
  EXPECT_EQ(liar.receive(".bashrc"), "_bashrc");
  EXPECT_EQ(liar.receive(std::string("nul\0byte", 8)), "nul_byte");
  EXPECT_EQ(liar.receive("x.parley-part"), "x.parley-part_");
  EXPECT_EQ(liar.receive("///"), "unnamed");
  const std::string longest = liar.receive(std::string(255, 'n'));
  EXPECT_EQ(longest, std::string(longest.size(), 'n'));
  std::string deep = "d";
  for (int i = 0; i < 31; ++i) deep += "/d";
  EXPECT_EQ(liar.receive(deep), deep);
  for (const auto& [name, text] : liar.folder.all()) {
    EXPECT_THAT(name, testing::Not(testing::HasSubstr("..")));
    EXPECT_EQ(text, name.ends_with('/') ? "" : "text");
  }
}

TEST(FileReceiver, TheSameNameTwiceIsTwoFiles) {
  Liar liar(IfExists::rename);
  EXPECT_EQ(liar.receive("a"), "a");
  EXPECT_FALSE(liar.offer(2, "a", 5));
  EXPECT_FALSE(liar.offer(3, "a", 6));
  EXPECT_FALSE(liar.chunk(3, 0, "third!"));
  EXPECT_FALSE(liar.chunk(2, 0, "other"));
  EXPECT_FALSE(liar.done(3, "third!"));
  EXPECT_FALSE(liar.done(2, "other"));
  EXPECT_EQ(liar.folder.all(),
            (std::map<std::string, std::string>{{"a", "text"}, {"a (1)", "other"}, {"a (2)", "third!"}}));
}

TEST(FileReceiver, WhatAnotherProgramPutInThePlaceOfThePartGetsNoName) {
  Liar liar;
  EXPECT_FALSE(liar.offer(1, "replaced", 4));
  EXPECT_FALSE(liar.chunk(1, 0, "te"));
  liar.folder.write("other", "junk");
  std::filesystem::rename(liar.folder.path("other"), liar.folder.path("replaced.parley-part"));
  EXPECT_FALSE(liar.chunk(1, 2, "xt"));
  EXPECT_FALSE(liar.done(1, "text"));
  EXPECT_FALSE(liar.offer(2, "longer", 4));
  EXPECT_FALSE(liar.chunk(2, 0, "text"));
  liar.folder.write("longer.parley-part", "text and more");
  EXPECT_FALSE(liar.done(2, "text"));
  EXPECT_EQ(liar.receiver.progress().files_failed, 2U);
  EXPECT_EQ(liar.folder.all(), (std::map<std::string, std::string>{{"replaced.parley-part", "junk"},
                                                                   {"longer.parley-part", "text and more"}}));
}

TEST(FileReceiver, WhatIsNotItsPartIsNotRemoved) {
  Liar liar;
  EXPECT_FALSE(liar.offer(1, "damaged", 4));
  EXPECT_FALSE(liar.chunk(1, 0, "text"));
  EXPECT_FALSE(liar.offer(2, "empty", 4));
  for (const char* name : {"damaged.parley-part", "empty.parley-part"}) {
    std::filesystem::remove(liar.folder.path(name));
    liar.folder.write(name, "mine");
  }
  EXPECT_FALSE(liar.done(1, "other text"));
  liar.receiver.cancel();
  EXPECT_EQ(liar.folder.all(),
            (std::map<std::string, std::string>{{"damaged.parley-part", "mine"}, {"empty.parley-part", "mine"}}));
}

TEST(FileReceiver, OverwritesNothingThatCameInTheSameTransfer) {
  Liar liar(IfExists::overwrite);
  const std::string name("n");
  liar.folder.write("b", "old");
  EXPECT_EQ(liar.receive("b"), "b");
  const std::string cut = liar.receive(name + "\x01");
  EXPECT_NE(cut, "");
  liar.answers.clear();
  EXPECT_FALSE(liar.offer(10, name + "\x02", 5));
  const auto answer = liar.answer();
  EXPECT_FALSE(answer.accept);
  EXPECT_EQ(answer.reason, "has the same name here as another that was sent; receive --rename takes both");
  EXPECT_EQ(liar.folder.all(), (std::map<std::string, std::string>{{"b", "text"}, {cut, "text"}}));
  // Whoever starts anew may send another version of the same file.
  liar.receiver.restart();
  liar.last = 0;
  liar.answers.clear();
  EXPECT_FALSE(liar.offer(1, name + "\x01", 5));
  EXPECT_TRUE(liar.answer().accept);
}

TEST(FileReceiver, ChunksMustContinueOneAnother) {
  Liar liar;
  EXPECT_FALSE(liar.offer(1, "a", 10));
  EXPECT_EQ(liar.chunk(1, 1, "x"), Errc::bad_transfer) << "not from the beginning";
  EXPECT_FALSE(liar.chunk(1, 0, "12345"));
  EXPECT_EQ(liar.chunk(1, 0, "12345"), Errc::bad_transfer) << "again";
  EXPECT_EQ(liar.chunk(1, 6, "7"), Errc::bad_transfer) << "a hole";
  EXPECT_EQ(liar.chunk(1, 5, "678901"), Errc::bad_transfer) << "more than was offered";
  EXPECT_EQ(liar.done(1, "12345"), Errc::bad_transfer) << "less than was offered";
  EXPECT_EQ(liar.chunk(2, 0, "x"), Errc::bad_transfer) << "never offered";
  EXPECT_EQ(liar.done(2, "x"), Errc::bad_transfer);
  EXPECT_FALSE(liar.chunk(1, 5, "67890"));
  EXPECT_FALSE(liar.done(1, "1234567890"));
  EXPECT_EQ(liar.folder.read("a"), "1234567890");
}

TEST(FileReceiver, NumbersRiseAndFewAreOpen) {
  Liar liar;
  EXPECT_FALSE(liar.offer(7, "a", 1));
  EXPECT_EQ(liar.offer(7, "b", 1), Errc::bad_transfer);
  EXPECT_EQ(liar.offer(6, "b", 1), Errc::bad_transfer);
  for (std::uint32_t i = 1; i < chat::kMaxOpenFiles; ++i) EXPECT_FALSE(liar.offer(7 + i, std::to_string(i), 1));
  EXPECT_EQ(liar.offer(1000, "one too many", 1), Errc::bad_transfer);
}

TEST(FileReceiver, RefusalsThatCannotBeSentAreBounded) {
  Liar liar;
  struct Full : Queue {
    bool can_send(Type, std::size_t) override { return false; }
  } full;
  liar.folder.write("a", "in the way");
  std::error_code error;
  std::uint32_t file = 0;
  while (!error && file < 1000) {
    error = liar.receiver.take(Type::offer, {}, chat::encode(chat::Offer{.file = ++file, .name = "a", .size = 1}));
    liar.receiver.pump(full, {});
  }
  EXPECT_EQ(error, Errc::bad_transfer);
  EXPECT_EQ(file, chat::kMaxOpenFiles + 1);
  EXPECT_TRUE(liar.receiver.has_answers());
}

TEST(FileReceiver, SmallFilesAreAnsweredTogether) {
  Liar liar;
  for (std::uint32_t file = 1; file <= 20; ++file) {
    const chat::Offer offer{.file = file, .name = std::to_string(file), .size = 1};
    EXPECT_FALSE(liar.receiver.take(Type::offer, {}, chat::encode(offer)));
  }
  liar.receiver.pump(liar.answers, {});
  EXPECT_FALSE(liar.receiver.busy());
  for (std::uint32_t file = 1; file <= 20; ++file) EXPECT_EQ(liar.answer().file, file);
}

TEST(FileReceiver, WhatWasRefusedIsDropped) {
  Liar liar;
  liar.folder.write("a", "mine");
  EXPECT_FALSE(liar.offer(1, "a", 9));
  EXPECT_FALSE(liar.answer().accept);
  EXPECT_FALSE(liar.chunk(1, 0, "not mine!"));
  EXPECT_FALSE(liar.done(1, "not mine!"));
  EXPECT_EQ(liar.folder.all(), (std::map<std::string, std::string>{{"a", "mine"}}));
}

TEST(FileReceiver, TellsNoDigestOfWhatTheSenderNeedNotHave) {
  Liar liar;
  liar.folder.write("a", "mine");
  EXPECT_FALSE(liar.offer(1, "a", 4));
  const auto answer = liar.answer();
  EXPECT_FALSE(answer.accept);
  EXPECT_TRUE(answer.want_sha256);
  EXPECT_FALSE(answer.sha256);
  EXPECT_FALSE(
      liar.give(Type::offer, chat::encode(chat::Offer{.file = 2, .name = "a", .size = 4, .sha256 = chat::Digest{}})));
  const auto second = liar.answer();
  EXPECT_FALSE(second.accept);
  EXPECT_FALSE(second.want_sha256);
  EXPECT_FALSE(second.sha256);
}

TEST(FileReceiver, APresentFileTakesNothing) {
  Liar liar;
  liar.folder.write("a", "mine");
  Sha256 sha256;
  sha256.update(as_bytes("mine"));
  EXPECT_FALSE(
      liar.give(Type::offer, chat::encode(chat::Offer{.file = 1, .name = "a", .size = 4, .sha256 = sha256.digest()})));
  EXPECT_EQ(liar.answer().offset, 4U);
  EXPECT_EQ(liar.chunk(1, 0, "evil"), Errc::bad_transfer);
  EXPECT_FALSE(liar.done(1, "evil"));
  EXPECT_FALSE(liar.answer().accept);
  EXPECT_EQ(liar.folder.read("a"), "mine");
}

TEST(FileReceiver, MoreThanTheDiskHoldsIsRefusedAtOnce) {
  Liar liar;
  EXPECT_FALSE(liar.offer(1, "a", chat::kMaxSequence));
  const auto answer = liar.answer();
  EXPECT_FALSE(answer.accept);
  EXPECT_THAT(answer.reason, testing::StartsWith("does not fit on the receiving disk: 9.0 PB to come, "));
  EXPECT_TRUE(liar.folder.all().empty());
}

TEST(FileReceiver, AFolderIsNoFile) {
  Liar liar(IfExists::overwrite);
  liar.folder.write("folder/file", "text");
  EXPECT_EQ(liar.receive("folder"), "");
  EXPECT_THAT(liar.answer().reason, testing::HasSubstr("a folder has its name"));
  EXPECT_EQ(liar.receive("folder/file/below"), "");
  EXPECT_FALSE(liar.give(Type::offer, chat::encode(chat::Offer{.file = 9, .name = "folder/file", .directory = true})));
  EXPECT_EQ(liar.receiver.progress().files_failed, 2U) << "and the file in the way of a folder, which is none either";
  EXPECT_EQ(liar.folder.all(), (std::map<std::string, std::string>{{"folder/", ""}, {"folder/file", "text"}}));
}

TEST(FileReceiver, AnErrorKeepsThePart) {
  Liar liar;
  EXPECT_FALSE(liar.offer(1, "a", 10));
  EXPECT_FALSE(liar.chunk(1, 0, "12345"));
  EXPECT_FALSE(liar.give(Type::done, chat::encode(chat::Done{.file = 1, .sha256 = {}, .error = "gone"})));
  EXPECT_EQ(liar.folder.all(), (std::map<std::string, std::string>{{"a.parley-part", "12345"}}));
  EXPECT_FALSE(liar.receiver.unfinished());
}

TEST(FileReceiver, TheFolderMustBeThere) {
  ScratchFolder folder;
  folder.write("file", "");
  EXPECT_EQ(TargetFolder::open(folder.path("none")).error(),
            "the folder " + folder.path("none") + " does not exist; make it first");
  EXPECT_EQ(TargetFolder::open(folder.path("file")).error(), folder.path("file") + " is not a folder");
}

TEST(FileSender, AnswersMustBeToWhatWasOffered) {
  ScratchFolder from, to;
  from.write("a", "text");
  Transfer transfer(to);
  transfer.send({from.path("a")});
  const auto answer = [&](chat::Answer what) { return transfer.sender->take(chat::encode(what)); };
  EXPECT_EQ(answer({.file = 1, .accept = true}), Errc::bad_transfer);
  transfer.sender->pump(transfer.forth);
  EXPECT_EQ(answer({.file = 1, .accept = true, .offset = 5, .sha256 = chat::Digest{}}), Errc::bad_transfer);
  EXPECT_FALSE(answer({.file = 1, .accept = true}));
  EXPECT_EQ(answer({.file = 1, .accept = true}), Errc::bad_transfer);
  EXPECT_EQ(answer({.file = 2, .accept = false}), Errc::bad_transfer);
  EXPECT_FALSE(answer({.file = 1, .accept = false, .reason = "enough"}));
  EXPECT_TRUE(transfer.sender->finished());
  EXPECT_EQ(transfer.sender->progress().files_failed, 1U);
}

TEST(FileSender, AnAnswerWithoutAReasonDeclines) {
  ScratchFolder from, to;
  from.write("a", "text");
  Transfer transfer(to);
  transfer.send({from.path("a")});
  const auto refuse = [&](std::uint32_t file) {
    const chat::Answer answer{.file = file, .accept = false, .want_sha256 = true};
    EXPECT_FALSE(transfer.sender->take(chat::encode(answer)));
    do {
      transfer.sender->pump(transfer.forth);
    } while (transfer.sender->busy());
  };
  transfer.sender->pump(transfer.forth);
  refuse(1);
  EXPECT_FALSE(transfer.sender->finished());
  refuse(2);  // which had the digest
  EXPECT_TRUE(transfer.sender->finished());
  EXPECT_EQ(transfer.sender->next_event()->reason, kDeclined);
}

}  // namespace
}  // namespace parley::client
