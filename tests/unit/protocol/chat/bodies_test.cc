#include "protocol/chat/bodies.h"

#include <gtest/gtest.h>

#include "base/base64url.h"
#include "protocol/chat/errc.h"
#include "tests/unit/protocol/chat/vectors.h"

namespace parley::chat {
namespace {

// Decodes a body of the kind, and says whether it was right and came back the same from its own encoding.
template <typename T>
std::error_code read_and_write(Decoded<T> (*decode)(ByteView), ByteView body) {
  const auto decoded = decode(body);
  if (!decoded) {
    return decoded.error();
  }
  const auto again = decode(encode(*decoded));
  EXPECT_TRUE(again && *again == *decoded) << as_text(body);
  return {};
}

std::error_code try_kind(const std::string& kind, ByteView body) {
  if (kind == "HELLO") return read_and_write(decode_hello, body);
  if (kind == "OFFER") return read_and_write(decode_offer, body);
  if (kind == "ANSWER") return read_and_write(decode_answer, body);
  return read_and_write(decode_done, body);
}

TEST(Bodies, VectorsOfRightOnes) {
  for (const auto& v : vectors()["bodies"]["valid"]) {
    const auto body = v["body"].get<std::string>();
    const auto& fields = v["fields"];
    SCOPED_TRACE(body);
    ASSERT_FALSE(try_kind(v["kind"], as_bytes(body)));
    if (v["kind"] == "HELLO") {
      const auto hello = decode_hello(as_bytes(body));
      EXPECT_EQ(to_base64url(hello->conversation), fields["conversation"].get<std::string>());
      EXPECT_EQ(hello->received, fields["received"]);
      EXPECT_EQ(hello->name, fields["name"].get<std::string>());
      EXPECT_EQ(hello->features, fields["features"].get<std::vector<std::string>>());
      EXPECT_EQ(hello->peer ? to_base64url(*hello->peer) : "",
                fields["peer"].is_null() ? "" : fields["peer"].get<std::string>());
    } else if (v["kind"] == "OFFER") {
      const auto offer = decode_offer(as_bytes(body));
      EXPECT_EQ(offer->file, fields["file"]);
      EXPECT_EQ(offer->name, fields["name"].get<std::string>());
      EXPECT_EQ(offer->size, fields["size"]);
      EXPECT_EQ(offer->directory, fields["directory"]);
    } else if (v["kind"] == "ANSWER") {
      const auto answer = decode_answer(as_bytes(body));
      EXPECT_EQ(answer->accept, fields["accept"]);
      EXPECT_EQ(answer->offset, fields["offset"]);
    }
  }
}

TEST(Bodies, VectorsOfWrongOnes) {
  for (const auto& v : vectors()["bodies"]["invalid"]) {
    const auto body = v["body"].get<std::string>();
    const bool other = v["why"] == "another version";
    EXPECT_EQ(try_kind(v["kind"], as_bytes(body)), other ? Errc::other_protocol : Errc::bad_body)
        << v["why"] << ": " << body;
  }
}

TEST(Bodies, NoTruncationIsRight) {
  for (const auto& v : vectors()["bodies"]["valid"]) {
    const auto body = v["body"].get<std::string>();
    for (std::size_t size = 0; size < body.size(); ++size) {
      EXPECT_TRUE(try_kind(v["kind"], as_bytes(body).first(size)));
    }
  }
}

TEST(Bodies, DeepNestingIsOnlyWrong) {
  EXPECT_EQ(try_kind("HELLO", as_bytes(std::string(4096, '['))), Errc::bad_body);
  EXPECT_EQ(try_kind("HELLO", as_bytes("{\"x\":" + std::string(2000, '[') + std::string(2000, ']') + "}")),
            Errc::bad_body);
}

TEST(Bodies, Chunk) {
  const Bytes body = encode(Chunk{7, 1ULL << 40U, as_bytes("abc")});
  EXPECT_EQ(to_hex(body), "000000070000010000000000616263");
  const auto chunk = decode_chunk(body);
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->file, 7U);
  EXPECT_EQ(chunk->offset, 1ULL << 40U);
  EXPECT_EQ(as_text(chunk->bytes), "abc");
  EXPECT_FALSE(decode_chunk(ByteView(body).first(12)));
  EXPECT_FALSE(decode_chunk({}));
  EXPECT_FALSE(decode_chunk(encode(Chunk{0, 0, as_bytes("x")}))) << "file 0";
  EXPECT_FALSE(decode_chunk(encode(Chunk{1, (1ULL << 53U) - 1, as_bytes("x")}))) << "ends over 2^53 - 1";
}

TEST(Bodies, ComparingIsTheWordOfAReceiver) {
  const Bytes body = encode(Comparing{0x01020304, 0x0506070809ULL});
  EXPECT_EQ(to_hex(body), "010203040000000506070809");
  EXPECT_EQ(decode_comparing(body), (Comparing{0x01020304, 0x0506070809ULL}));
  EXPECT_FALSE(decode_comparing(ByteView(body).first(11)));
  EXPECT_FALSE(decode_comparing(encode(Comparing{0, 1}))) << "file 0";
  EXPECT_FALSE(decode_comparing(encode(Comparing{1, 1ULL << 53U})));
}

TEST(Bodies, AnOfferOfWhatDoesNotCome) {
  const Offer given{.file = 1, .name = "x", .size = 5, .total_files = 1, .left_out = 3, .error = "cannot be read"};
  const auto offer = decode_offer(encode(given));
  ASSERT_TRUE(offer);
  EXPECT_EQ(*offer, given);
}

TEST(Bodies, TextThatIsNotUtf8IsNotSentAsSuch) {
  Offer given;
  given.file = 1;
  given.name = "a\xff.txt";
  const auto offer = decode_offer(encode(given));
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->name, "a\uFFFD.txt");
}

}  // namespace
}  // namespace parley::chat
