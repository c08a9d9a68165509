#include "protocol/chat/outbox.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/protocol/chat/vectors.h"

namespace parley::chat {
namespace {

// What the kept records hold of the heap, by what they say of themselves.
std::size_t held(const Outbox& outbox) {
  std::size_t sum = 0;
  for (const auto& record : outbox.kept()) sum += sizeof record + record.body.capacity();
  return sum;
}

TEST(Outbox, HoldsNoMoreMemoryThanItsBoundHoweverSmallTheRecords) {
  for (const Type type : {Type::text, Type::stream, Type::chunk}) {
    for (const std::size_t size : {1U, 10U, 1000U, 16'000U}) {
      Outbox outbox;
      while (outbox.has_room(type, size)) {
        Bytes body;
        body.reserve(16'116);
        body.resize(size);
        outbox.put(type, std::move(body));
        std::uint64_t sequence = 0;
        while (type == Type::chunk && outbox.next_unwritten(sequence) != nullptr) outbox.mark_written();
      }
      const std::size_t bound = type == Type::chunk ? kMaxKeptChunkBytes : kMaxKeptBytes;
      EXPECT_LE(held(outbox), bound + 2 * kStreamBytes) << size;
      EXPECT_EQ(outbox.kept_bytes() > 0, true);
    }
  }
}

TEST(Outbox, PutsSmallPiecesOfAStreamTogetherUntilTheyAreWritten) {
  Outbox outbox;
  EXPECT_EQ(outbox.put(Type::stream, bytes("one ")), 1U);
  EXPECT_EQ(outbox.put(Type::stream, bytes("two ")), 1U);
  std::uint64_t sequence = 0;
  EXPECT_EQ(as_text(outbox.next_unwritten(sequence)->body), "one two ");
  outbox.mark_written();
  EXPECT_EQ(outbox.put(Type::stream, bytes("three")), 2U) << "what was written stays as it was";
  outbox.rewind();
  EXPECT_EQ(outbox.put(Type::stream, bytes("!")), 2U);
  EXPECT_EQ(outbox.put(Type::stream, {}), 3U) << "the end is a record of its own";
  EXPECT_EQ(outbox.put(Type::bye, {}), 4U);
  outbox.acknowledge(1);
  EXPECT_EQ(as_text(outbox.kept().front().body), "three!");
  EXPECT_EQ(outbox.kept().size(), 3U);
}

TEST(Outbox, KeepsAStreamApartFromWhatIsBetween) {
  Outbox outbox;
  outbox.put(Type::stream, bytes("a"));
  outbox.put(Type::text, bytes("b"));
  outbox.put(Type::text, bytes("c"));
  outbox.put(Type::stream, bytes("d"));
  EXPECT_EQ(outbox.kept().size(), 4U);
}

TEST(Outbox, FillsNoRecordBeyondOneOfTheInnerTls) {
  Outbox outbox;
  std::size_t put = 0;
  for (std::size_t size = 1; size < 200; ++size) {
    outbox.put(Type::stream, Bytes(size * 10));
    put += size * 10;
  }
  std::size_t kept = 0;
  for (const auto& record : outbox.kept()) {
    EXPECT_LE(record.body.size(), kStreamBytes);
    kept += record.body.size();
  }
  EXPECT_EQ(kept, put);
  EXPECT_LT(outbox.kept().size(), put / kStreamBytes + 3);
}

TEST(Outbox, CountsToNothingWhenAllIsAcknowledged) {
  Outbox outbox;
  for (int i = 0; i < 100; ++i) {
    outbox.put(Type::stream, Bytes(100));
    outbox.put(i % 2 == 0 ? Type::text : Type::chunk, Bytes(50));
  }
  std::uint64_t sequence = 0;
  while (outbox.next_unwritten(sequence) != nullptr) outbox.mark_written();
  EXPECT_EQ(outbox.unwritten_bytes(), 0U);
  outbox.acknowledge(outbox.last());
  EXPECT_EQ(outbox.kept_bytes(), 0U);
  EXPECT_EQ(outbox.unwritten_bytes(), 0U);
}

}  // namespace
}  // namespace parley::chat
