// What is there already is compared by both sides at the same time, and that is progress.
#include <gtest/gtest.h>

#include "protocol/chat/errc.h"
#include "tests/unit/cli-client/files/transfer.h"

namespace parley::client {
namespace {

using Kind = FileEvent::Kind;

constexpr std::uint64_t kThere = 5 * kHashStepBytes;

class Comparing : public testing::Test {
 protected:
  Comparing() { from.write("big", whole); }

  // How far both were when the sender got its last ANSWER.
  void run() {
    transfer.send({from.path("big")});
    transfer.on_answer = [this] {
      sender_read = transfer.sender->progress().bytes_compared;
      receiver_read = transfer.receiver->progress().bytes_compared;
    };
    while (transfer.step()) {
      const TransferProgress& sender = transfer.sender->progress();
      const TransferProgress& receiver = transfer.receiver->progress();
      EXPECT_LE(sender.bytes_done, sender.bytes_total);
      EXPECT_LE(receiver.bytes_done, receiver.bytes_total);
      together += sender.bytes_done > 0 && sender.bytes_moved == 0 && receiver.bytes_done > 0 ? 1 : 0;
    }
  }

  const std::string whole = noise(kThere + 10);
  ScratchFolder from, to;
  Transfer transfer{to};
  std::uint64_t sender_read = 0, receiver_read = 0;
  int together = 0;  // so often both told of progress before a byte was moved
};

TEST_F(Comparing, APartIsReadByBothAtOnce) {
  to.write("big.parley-part", whole.substr(0, kThere));
  run();
  EXPECT_EQ(receiver_read, kThere);
  EXPECT_GE(sender_read, kThere / 2) << "before it is answered";
  EXPECT_GE(together, 4);
  EXPECT_EQ(transfer.sender->progress().bytes_compared, kThere) << "once";
  EXPECT_EQ(transfer.sender->progress().bytes_moved, 10U);
  EXPECT_EQ(transfer.sender->progress().bytes_done, whole.size());
  EXPECT_EQ(transfer.receiver->progress().bytes_done, whole.size());
  EXPECT_EQ(to.all(), from.all());
}

TEST_F(Comparing, ASideThatDoesNotHearOfItComparesAfterwards) {
  to.write("big.parley-part", whole.substr(0, kThere));
  transfer.is_older = true;
  run();
  EXPECT_EQ(sender_read, 0U);
  EXPECT_EQ(transfer.sender->progress().bytes_compared, kThere);
  EXPECT_EQ(transfer.sender->progress().bytes_moved, 10U);
  EXPECT_EQ(to.all(), from.all());
}

TEST_F(Comparing, WhatIsNotTheSameIsNotDoneAfterAll) {
  std::string other = whole.substr(0, kThere);
  other.back() = static_cast<char>(other.back() + 1);
  to.write("big.parley-part", other);
  run();
  EXPECT_EQ(transfer.sender->progress().bytes_moved, whole.size());
  EXPECT_EQ(transfer.sender->progress().bytes_done, whole.size());
  EXPECT_EQ(transfer.receiver->progress().bytes_done, whole.size());
  EXPECT_EQ(to.all(), from.all());
}

TEST_F(Comparing, AFileOfItsSizeIsReadByBothAtOnce) {
  to.write("big", whole);
  run();
  EXPECT_EQ(transfer.sender->progress().bytes_compared, whole.size());
  EXPECT_EQ(transfer.receiver->progress().bytes_compared, whole.size()) << "once";
  EXPECT_GE(together, 4);
  EXPECT_EQ(Transfer::count(transfer.received, Kind::present), 1U);
  EXPECT_EQ(Transfer::count(transfer.sent, Kind::present), 1U);
  EXPECT_EQ(transfer.receiver->progress().bytes_done, whole.size());
}

TEST_F(Comparing, AFileOfItsSizeThatIsAnotherIsRefusedAndNotCounted) {
  std::string other = whole;
  other.back() = static_cast<char>(other.back() + 1);
  to.write("big", other);
  run();
  EXPECT_EQ(Transfer::reasons(transfer.received), "big exists already, and is different\n");
  for (const auto& progress : {transfer.sender->progress(), transfer.receiver->progress()}) {
    EXPECT_EQ(progress.bytes_done, 0U);
    EXPECT_EQ(progress.bytes_total, 0U);
    EXPECT_EQ(progress.bytes_moved, 0U);
  }
  EXPECT_EQ(to.read("big"), other);
}

TEST_F(Comparing, AFileThatTakesThePlaceOfAnotherIsComparedAnew) {
  to.write("big", noise(whole.size(), 2));
  transfer.send({from.path("big")});
  while (transfer.receiver->progress().bytes_compared == 0) transfer.step();
  to.write("other", whole);
  std::filesystem::rename(to.path("other"), to.path("big"));
  transfer.run();
  EXPECT_EQ(Transfer::count(transfer.received, Kind::present), 1U);
  EXPECT_EQ(transfer.receiver->progress().bytes_done, whole.size());
}

TEST_F(Comparing, CancelledItIsNotDone) {
  to.write("big", whole);
  transfer.send({from.path("big")});
  while (transfer.receiver->progress().bytes_compared == 0) transfer.step();
  transfer.receiver->cancel();
  transfer.run();
  EXPECT_EQ(transfer.receiver->progress().bytes_done, 0U);
  EXPECT_TRUE(transfer.sender->finished());
}

TEST_F(Comparing, OutOfPlaceItMeansNothing) {
  transfer.send({from.path("big")});
  transfer.sender->take(chat::Comparing{1, 10});
  transfer.sender->pump(transfer.forth);
  transfer.sender->take(chat::Comparing{2, 10});
  transfer.sender->take(chat::Comparing{1, whole.size() + 1});
  transfer.sender->take(chat::Comparing{1, 0});
  EXPECT_FALSE(transfer.sender->busy());
  // Once is enough, and an answer that has less of it counts.
  for (int i = 0; i < 3; ++i) transfer.sender->take(chat::Comparing{1, 2 * kHashStepBytes});
  transfer.run();
  EXPECT_EQ(transfer.sender->progress().bytes_compared, kHashStepBytes) << "then it was answered that nothing is there";
  EXPECT_EQ(to.all(), from.all());
}

}  // namespace
}  // namespace parley::client
