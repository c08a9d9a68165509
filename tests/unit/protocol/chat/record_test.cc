#include "protocol/chat/record.h"

#include <gtest/gtest.h>

#include <random>

#include "base/big_endian.h"
#include "protocol/chat/errc.h"
#include "tests/support/rounds.h"
#include "tests/unit/protocol/chat/vectors.h"

namespace parley::chat {
namespace {

struct Held {
  Type type;
  std::uint64_t sequence;
  Bytes body;
  bool operator==(const Held&) const = default;
};

struct Outcome {
  std::vector<Held> records;
  std::error_code error;
  bool operator==(const Outcome&) const = default;
};

template <typename NextSize>
Outcome read(ByteView wire, NextSize next_size) {
  RecordReader reader;
  Outcome outcome;
  while (!wire.empty() && !outcome.error) {
    const std::size_t size = std::min<std::size_t>(next_size(), wire.size());
    reader.feed(wire.first(size));
    wire = wire.subspan(size);
    for (;;) {
      const auto record = reader.next();
      if (!record) {
        outcome.error = record.error();
        break;
      }
      if (!*record) {
        break;
      }
      outcome.records.push_back(
          {(*record)->type, (*record)->sequence, {(*record)->body.begin(), (*record)->body.end()}});
    }
  }
  return outcome;
}

Outcome read(ByteView wire) {
  return read(wire, [&] { return wire.size(); });
}

TEST(Record, VectorsAreReadAndWritten) {
  Bytes all;
  std::size_t count = 0;
  for (const auto& v : vectors()["records"]["valid"]) {
    const Held held{Type{v["type"].get<std::uint8_t>()}, v["seq"], from_hex(v["body"].get<std::string>())};
    const Bytes wire = from_hex(v["bytes"].get<std::string>());
    EXPECT_EQ(read(wire), (Outcome{{held}, {}}));
    Bytes written;
    append_record(written, {held.type, held.sequence, held.body});
    EXPECT_EQ(written, wire);
    append(all, wire);
    ++count;
  }
  EXPECT_EQ(read(all).records.size(), count);
}

TEST(Record, EveryTruncationWaits) {
  for (const auto& v : vectors()["records"]["valid"]) {
    const Bytes wire = from_hex(v["bytes"].get<std::string>());
    for (std::size_t size = 0; size < wire.size(); ++size) {
      EXPECT_EQ(read(ByteView(wire).first(size)), Outcome());
    }
  }
}

TEST(Record, WrongHeadersAreRefusedBeforeTheirBodyComes) {
  for (const auto& v : vectors()["records"]["invalid"]) {
    const auto outcome = read(from_hex(v["bytes"].get<std::string>()));
    EXPECT_TRUE(outcome.error) << v["why"];
    EXPECT_TRUE(outcome.records.empty());
  }
}

TEST(Record, ErrorsSayWhatIsWrong) {
  const auto error = [](std::uint8_t type, std::size_t length, std::uint64_t sequence) {
    Bytes wire{std::byte{type}};
    append_number(wire, length, 3);
    append_number(wire, sequence, 8);
    return read(wire).error;
  };
  EXPECT_EQ(error(0, 0, 0), Errc::bad_type);
  EXPECT_EQ(error(12, 0, 0), Errc::bad_type);
  EXPECT_EQ(error(127, 0, 0), Errc::bad_type);
  EXPECT_EQ(error(2, kMaxBodyBytes + 1, 1), Errc::bad_length);
  EXPECT_EQ(error(2, 0, 0), Errc::bad_number);
  EXPECT_EQ(error(2, 0, kMaxSequence + 1), Errc::bad_number);
  EXPECT_FALSE(error(2, kMaxBodyBytes, kMaxSequence));
}

TEST(Record, UnknownTypesFrom128AreSkipped) {
  Bytes wire;
  const Bytes body(kMaxBodyBytes, std::byte{7});
  append_record(wire, {Type{0x90}, 0, body});
  append_record(wire, {Type{0xff}, 0, {}});
  append_record(wire, {Type::text, 1, as_bytes("x")});
  EXPECT_EQ(read(wire), (Outcome{{{Type::text, 1, bytes("x")}}, {}}));
}

TEST(Record, AnyChunkingGivesTheSameRecords) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < test::rounds(50); ++round) {
    Bytes wire;
    std::vector<Held> records;
    for (int i = 0; i < 30; ++i) {
      const Bytes body(random() % 10 == 0 ? random() % (kMaxBodyBytes + 1) : random() % 40, std::byte{1});
      records.push_back({Type::stream, 1 + random() % 1000, body});
      append_record(wire, {Type::stream, records.back().sequence, body});
    }
    EXPECT_EQ(read(wire, [&] { return 1 + random() % 3000; }), (Outcome{records, {}}));
    EXPECT_EQ(read(wire, [] { return 1; }), (Outcome{records, {}}));
  }
}

}  // namespace
}  // namespace parley::chat
