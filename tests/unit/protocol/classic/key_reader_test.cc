#include "protocol/classic/key_reader.h"

#include <gtest/gtest.h>

#include "protocol/classic/errc.h"
#include "protocol/classic/pem_markers.h"
#include "protocol/classic/public_key.h"
#include "tests/unit/protocol/classic/bytes.h"

namespace parley::classic {
namespace {

using Status = KeyReader::Status;

// What the reader looks at are the markers; what is between them is PublicKey's business.
std::string key_text(std::string_view line_end = "\n") {
  return std::string(kPemBegin).append(line_end).append("TUlHSkFvR0JBSg==").append(line_end).append(kPemEnd);
}

// Gives `wire` to the reader in pieces of `piece` bytes; returns how many it took.
std::size_t feed(KeyReader& reader, std::string_view wire, std::size_t piece) {
  std::size_t taken = 0;
  while (taken < wire.size() && reader.status() == Status::need_more) {
    const auto part = wire.substr(taken, piece);
    const std::size_t now = reader.feed(view(part));
    EXPECT_LE(now, part.size());
    taken += now;
  }
  return taken;
}

std::string sized_key(std::size_t size) {
  std::string wire(kPemBegin);
  wire += '\n';
  wire.append(size - wire.size() - 1 - kPemEnd.size(), 'A');
  wire += '\n';
  return wire.append(kPemEnd);
}

struct KeyCase {
  const char* name;
  std::string before;
  std::string key;
  std::string after;
};

class AnySegmentation : public testing::TestWithParam<KeyCase> {};

TEST_P(AnySegmentation, GivesTheKeyAndLeavesTheRest) {
  const auto& [name, before, key, after] = GetParam();
  const std::string wire = before + key + after;
  for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
    KeyReader reader;
    EXPECT_EQ(feed(reader, wire, piece), before.size() + key.size()) << "pieces of " << piece;
    EXPECT_EQ(reader.status(), Status::complete);
    EXPECT_EQ(reader.pem(), key);
  }
}

TEST_P(AnySegmentation, InTwoSegmentsSplitAtEveryByte) {
  const auto& [name, before, key, after] = GetParam();
  const std::string wire = before + key + after;
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    KeyReader reader;
    const std::size_t first = reader.feed(view(std::string_view(wire).substr(0, cut)));
    const std::size_t second = reader.feed(view(std::string_view(wire).substr(first)));
    EXPECT_EQ(first + second, before.size() + key.size()) << "cut at " << cut;
    EXPECT_EQ(reader.pem(), key);
  }
}

INSTANTIATE_TEST_SUITE_P(
    KeyReader, AnySegmentation,
    testing::Values(KeyCase{"Lf", "", key_text(), "\n"}, KeyCase{"CrLf", "", key_text("\r\n"), "\r\n"},
                    KeyCase{"NoLineEnd", "", key_text(), ""},
                    KeyCase{"JoinedWithABlock", "", key_text(), "\n" + std::string(256, '\x91')},
                    KeyCase{"BlockWithoutLineEnd", "", key_text(), std::string(64, '-')},
                    KeyCase{"WhiteSpaceBefore", " \r\n\t\n", key_text(), "\n"},
                    KeyCase{"HalfAnEndLine", "",
                            std::string(kPemBegin) + "\n-----END RSA \n-----\n" + std::string(kPemEnd), "\n"},
                    KeyCase{"TwoKeys", "", key_text(), "\n" + key_text()}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(KeyReader, TakesNothingMoreOnceComplete) {
  KeyReader reader;
  reader.feed(view(key_text()));
  EXPECT_EQ(reader.feed(view("more")), 0U);
  EXPECT_EQ(reader.pem(), key_text());
}

TEST(KeyReader, TakesAKeyOfTheGreatestLength) {
  const std::string wire = sized_key(kMaxKeyBytes);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, wire.size()}) {
    KeyReader reader;
    EXPECT_EQ(feed(reader, wire, piece), kMaxKeyBytes);
    EXPECT_EQ(reader.status(), Status::complete);
  }
}

TEST(KeyReader, RefusesAKeyOneByteLonger) {
  const std::string wire = sized_key(kMaxKeyBytes + 1);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, wire.size()}) {
    KeyReader reader;
    feed(reader, wire, piece);
    EXPECT_EQ(reader.status(), Status::too_long);
  }
}

TEST(KeyReader, IsNotTooLongBefore4096Bytes) {
  KeyReader reader;
  reader.feed(view(sized_key(kMaxKeyBytes + 1)).first(kMaxKeyBytes - 1));
  EXPECT_EQ(reader.status(), Status::need_more);
  reader.feed(view("A"));
  EXPECT_EQ(reader.status(), Status::too_long);
}

TEST(KeyReader, CountsWhiteSpaceBeforeTheKey) {
  KeyReader reader;
  feed(reader, std::string(kMaxKeyBytes, '\n') + key_text(), 100);
  EXPECT_EQ(reader.status(), Status::too_long);
}

TEST(KeyReader, AStrangerIsRefusedAtItsFirstBytes) {
  for (const std::string_view wire :
       {"GET / HTTP/1.1\r\n", "\x16\x03\x01", "-----BEGIN PUBLIC KEY-----", "-----BEGIN RSA PRIVATE KEY-----"}) {
    for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
      KeyReader reader;
      feed(reader, wire, piece);
      ASSERT_EQ(reader.status(), Status::complete) << wire;
      EXPECT_EQ(reader.pem(), "");
      EXPECT_EQ(PublicKey::from_pem(reader.pem()).error(), Errc::not_a_key);
    }
  }
}

TEST(KeyReader, ReleaseGivesTheMemoryBack) {
  KeyReader reader;
  reader.feed(view(key_text()));
  reader.release();
  EXPECT_EQ(reader.pem(), "");
  EXPECT_EQ(reader.status(), Status::complete);
}

TEST(KeyReader, LineEndBytes) {
  EXPECT_EQ(KeyReader::line_end_bytes(view("\n")), 1U);
  EXPECT_EQ(KeyReader::line_end_bytes(view("\nx")), 1U);
  EXPECT_EQ(KeyReader::line_end_bytes(view("\n\n")), 1U);
  EXPECT_EQ(KeyReader::line_end_bytes(view("\r\n")), 2U);
  EXPECT_EQ(KeyReader::line_end_bytes(view("\rx")), 0U);
  EXPECT_EQ(KeyReader::line_end_bytes(view("x")), 0U);
  EXPECT_EQ(KeyReader::line_end_bytes(view("xy\n")), 0U);
}

}  // namespace
}  // namespace parley::classic
