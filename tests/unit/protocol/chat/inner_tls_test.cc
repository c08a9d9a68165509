#include "protocol/chat/inner_tls.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "protocol/chat/errc.h"
#include "tests/unit/protocol/chat/vectors.h"

namespace parley::chat {
namespace {

using Role = InnerTls::Role;
using State = InnerTls::State;

constexpr std::string_view kRoom = "ICEiIyQlJicoKSorLC0uLw";

Psk key(std::byte fill = std::byte{1}, std::string_view room = kRoom) {
  Secret secret;
  std::ranges::fill(secret.fill(), fill);
  return derive_psk(secret, room);
}

Bytes output(InnerTls& tls) {
  Bytes bytes(tls.pending_output());
  EXPECT_EQ(tls.read_output(bytes), bytes.size());
  return bytes;
}

// Two ends, and what each has read.
struct Pair {
  InnerTls first;
  InnerTls second;
  Bytes at_first;
  Bytes at_second;
  std::error_code first_error;
  std::error_code second_error;

  explicit Pair(const Psk& a = key(), const Psk& b = key(), std::uint64_t records_per_key = KeyLimit::kRecords)
      : first(Role::first, a, records_per_key), second(Role::second, b, records_per_key) {}

  // Carries all that is waiting, in pieces of `piece` bytes, until nothing is.
  void carry(std::size_t piece = 100'000) {
    Bytes buffer(piece);
    for (;;) {
      const auto up = second.read_output(buffer);
      if (up > 0) first_error = first.receive(ByteView(buffer).first(up), at_first);
      const auto down = first.read_output(buffer);
      if (down > 0) second_error = second.receive(ByteView(buffer).first(down), at_second);
      if (up + down == 0) return;
    }
  }
};

class AnyPieces : public testing::TestWithParam<std::size_t> {};

TEST_P(AnyPieces, CarryWhatIsSaidBothWays) {
  Pair pair;
  pair.carry(GetParam());
  ASSERT_EQ(pair.first.state(), State::open);
  ASSERT_EQ(pair.second.state(), State::open);
  Bytes large(50'000);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::byte>(i * 7);
  pair.first.send(as_bytes("from first"));
  pair.second.send(large);
  pair.second.send({});
  pair.second.send(as_bytes("more"));
  pair.carry(GetParam());
  EXPECT_EQ(as_text(pair.at_second), "from first");
  append(large, as_bytes("more"));
  EXPECT_EQ(pair.at_first, large);
}

INSTANTIATE_TEST_SUITE_P(InnerTls, AnyPieces, testing::Values(1, 2, 7, 100, 16'380, 1'000'000));

TEST(InnerTls, TakesOtherKeysBeforeItsOwnAreWornOut) {
  static_assert(KeyLimit::kRecords < 23'726'566, "2^24.5: RFC 8446 section 5.5");
  constexpr std::uint64_t kRecords = 10;
  Pair pair(key(), key(), kRecords);
  pair.carry();
  std::size_t records = 0;
  for (std::uint64_t i = 0; i < 3 * kRecords; ++i) {
    pair.first.send(as_bytes("x"));
    const Bytes out = output(pair.first);
    for (std::size_t at = 0; at < out.size(); ++records)
      at += 5 + std::to_integer<std::size_t>(out[at + 3]) * 256 + std::to_integer<std::size_t>(out[at + 4]);
    ASSERT_FALSE(pair.second.receive(out, pair.at_second));
    pair.second.send(as_bytes("y"));
    pair.carry();
  }
  EXPECT_EQ(records, 3 * kRecords + 3) << "a KeyUpdate each time";
  EXPECT_EQ(as_text(pair.at_second), std::string(3 * kRecords, 'x'));
  EXPECT_EQ(as_text(pair.at_first), std::string(3 * kRecords, 'y'));
}

TEST(InnerTls, TheAuthenticationStringIsTheSameAtBothEndsAndNewEachTime) {
  Pair a;
  Pair b;
  a.carry();
  b.carry();
  EXPECT_EQ(a.first.verify_bytes(), a.second.verify_bytes());
  EXPECT_NE(a.first.verify_bytes(), b.first.verify_bytes());
}

TEST(InnerTls, AWrongSecretIsSaidByBoth) {
  Pair pair(key(), key(std::byte{2}));
  pair.carry();
  EXPECT_EQ(pair.first_error, Errc::wrong_secret);
  EXPECT_EQ(pair.second_error, Errc::wrong_secret);
  EXPECT_EQ(pair.first.state(), State::failed);
  EXPECT_EQ(pair.second.state(), State::failed);
}

TEST(InnerTls, TheSecretOfAnotherRoomIsAWrongOne) {
  Pair pair(key(), key(std::byte{1}, "AAAAAAAAAAAAAAAAAAAAAA"));
  pair.carry(3);
  EXPECT_EQ(pair.first_error, Errc::wrong_secret);
  EXPECT_EQ(pair.second_error, Errc::wrong_secret);
}

TEST(InnerTls, AnErrorStays) {
  Pair pair(key(), key(std::byte{2}));
  pair.carry();
  EXPECT_EQ(pair.first.receive(as_bytes("x"), pair.at_first), Errc::wrong_secret);
}

TEST(InnerTls, NoiseInsteadOfAHandshakeIsDamage) {
  for (const Role role : {Role::first, Role::second}) {
    InnerTls tls(role, key());
    Bytes plaintext;
    EXPECT_EQ(tls.receive(as_bytes("HTTP/1.1 400 Bad Request\r\n\r\n"), plaintext), Errc::damaged);
  }
}

TEST(InnerTls, OwnBytesReflectedAreRefused) {
  InnerTls second(Role::second, key());
  Bytes plaintext;
  const Bytes hello = output(second);
  EXPECT_TRUE(second.receive(hello, plaintext));
}

TEST(InnerTls, EachByteOfTheHandshakeMatters) {
  // Changed one at a time; never may both ends open and agree, or one of them take anything.
  const auto run = [](std::size_t change, bool upwards) {
    Pair pair;
    Bytes up = output(pair.second);
    if (upwards) up[change % up.size()] ^= std::byte{1};
    Bytes at;
    (void)pair.first.receive(up, at);
    Bytes down = output(pair.first);
    if (!upwards && !down.empty()) down[change % down.size()] ^= std::byte{1};
    (void)pair.second.receive(down, at);
    pair.carry();
    return pair.first.state() == State::open && pair.second.state() == State::open;
  };
  Pair pair;
  const std::size_t sizes[] = {pair.second.pending_output(), 250};
  for (std::size_t i = 0; i < sizes[0]; i += 3) {
    // The version in the first record's header is to be ignored by receivers (RFC 8446 5.1).
    if (i != 1 && i != 2) {
      EXPECT_FALSE(run(i, true)) << i;
    }
  }
  for (std::size_t i = 9; i < sizes[1]; i += 3) {
    EXPECT_FALSE(run(i, false)) << i;
  }
}

// Three records of `second`, each one ciphertext.
struct Records {
  Pair pair;
  std::vector<Bytes> records;
  Records() {
    pair.carry();
    for (const char* text : {"one", "two", "three"}) {
      pair.second.send(as_bytes(text));
      records.push_back(output(pair.second));
    }
  }
  std::error_code give(const Bytes& bytes) { return pair.first.receive(bytes, pair.at_first); }
};

TEST(InnerTls, AChangedByteIsNoticed) {
  const std::size_t size = Records().records[0].size();
  for (std::size_t i = 5; i < size; i += 13) {
    Records all;
    all.records[0][i] ^= std::byte{0x80};
    EXPECT_EQ(all.give(all.records[0]), Errc::damaged);
    EXPECT_TRUE(all.pair.at_first.empty());
    EXPECT_EQ(all.give(all.records[1]), Errc::damaged);
  }
}

TEST(InnerTls, ADroppedRecordIsNoticed) {
  Records all;
  EXPECT_EQ(all.give(all.records[1]), Errc::damaged);
  EXPECT_TRUE(all.pair.at_first.empty());
}

TEST(InnerTls, ARepeatedRecordIsNoticed) {
  Records all;
  EXPECT_FALSE(all.give(all.records[0]));
  EXPECT_EQ(all.give(all.records[0]), Errc::damaged);
  EXPECT_EQ(as_text(all.pair.at_first), "one");
}

TEST(InnerTls, SwappedRecordsAreNoticed) {
  Records all;
  EXPECT_FALSE(all.give(all.records[0]));
  EXPECT_EQ(all.give(all.records[2]), Errc::damaged);
}

TEST(InnerTls, DroppedBytesWithinARecordAreNoticed) {
  Records all;
  all.records[0].erase(all.records[0].begin() + 100);
  Bytes both = all.records[0];
  append(both, all.records[1]);
  EXPECT_EQ(all.give(both), Errc::damaged);
  EXPECT_TRUE(all.pair.at_first.empty());
}

TEST(InnerTls, RecordsOfAnotherStreamAreNoticed) {
  Records a;
  Records b;
  EXPECT_EQ(b.give(a.records[0]), Errc::damaged);
}

TEST(InnerTls, PaddingHidesShortLengths) {
  Pair pair;
  pair.carry();
  for (std::size_t size = 1; size < 256; ++size) {
    pair.second.send(Bytes(size));
    EXPECT_EQ(output(pair.second).size(), 5 + 256 + 16U) << size;
  }
}

TEST(InnerTls, ARecordFitsOneFrameOfTheRelay) {
  Pair pair;
  pair.carry();
  pair.second.send(Bytes(kMaxTlsContent));
  const Bytes full = output(pair.second);
  EXPECT_LE(full.size(), 16'380U);
  EXPECT_EQ(full.size(), 5 + kMaxTlsContent + 1 + 16);
  pair.second.send(Bytes(kMaxTlsContent - 2));
  EXPECT_EQ(output(pair.second).size(), 5 + kMaxTlsContent + 16);
}

TEST(InnerTls, NothingOfThePlaintextIsInTheOutput) {
  Pair pair;
  pair.carry();
  pair.second.send(as_bytes("the secret is out"));
  EXPECT_EQ(as_text(output(pair.second)).find("secret"), std::string_view::npos);
}

TEST(InnerTls, NoTicketsAreSent) {
  Pair pair;
  pair.carry();
  EXPECT_EQ(pair.first.pending_output(), 0U);
  EXPECT_EQ(pair.second.pending_output(), 0U);
}

TEST(InnerTls, TheEndIsTold) {
  Pair pair;
  pair.carry();
  pair.first.send(as_bytes("last"));
  pair.first.close();
  pair.carry();
  EXPECT_EQ(as_text(pair.at_second), "last");
  EXPECT_EQ(pair.second_error, Errc::stream_closed);
  EXPECT_EQ(pair.second.state(), State::closed);
}

}  // namespace
}  // namespace parley::chat
