#include "protocol/relay/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "protocol/relay/errc.h"
#include "tests/support/allocations.h"
#include "tests/unit/protocol/relay/vectors.h"

namespace parley::relay {
namespace {

constexpr std::array kTypes{FrameType::hello,     FrameType::waiting, FrameType::paired, FrameType::data,
                            FrameType::peer_left, FrameType::error,   FrameType::ping,   FrameType::pong,
                            FrameType::goaway,    FrameType::bye,     FrameType::ready};

Sender sender(const nlohmann::json& name) { return name == "client" ? Sender::client : Sender::relay; }

// By hand, so that it may be one that encode_header() must not make.
Bytes frame(std::uint8_t type, std::size_t payload_bytes) {
  Bytes out(kHeaderBytes + payload_bytes, std::byte{'x'});
  out[0] = static_cast<std::byte>(type);
  out[1] = static_cast<std::byte>(payload_bytes / 65'536);
  out[2] = static_cast<std::byte>(payload_bytes / 256 % 256);
  out[3] = static_cast<std::byte>(payload_bytes % 256);
  return out;
}

Bytes& operator+=(Bytes& left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

std::error_code error_of(Bytes bytes, Sender from) {
  const auto read = FrameReader(bytes, from).next();
  return read ? std::error_code{} : read.error();
}

TEST(RelayFrame, SizesAreThoseOfOneTlsRecord) {
  EXPECT_EQ(kHeaderBytes, 4U);
  EXPECT_EQ(kMaxPayloadBytes, 16'380U);
}

TEST(RelayFrame, TheVectorsAreRead) {
  for (const auto& vector : vectors().at("frames")) {
    Bytes bytes = wire(vector);
    FrameReader reader(bytes, sender(vector.at("from")));
    const auto read = reader.next();
    ASSERT_TRUE(read && *read) << vector;
    EXPECT_EQ(static_cast<unsigned>((*read)->type), vector.at("type").get<unsigned>()) << vector;
    EXPECT_EQ((*read)->bytes.data(), bytes.data()) << "without a copy";
    EXPECT_EQ((*read)->payload().size(), bytes.size() - kHeaderBytes) << vector;
    EXPECT_EQ(reader.consumed(), bytes.size()) << vector;
    EXPECT_FALSE(reader.next()->has_value());

    Bytes header(kHeaderBytes);
    encode_header((*read)->type, bytes.size() - kHeaderBytes, std::span(header).first<kHeaderBytes>());
    EXPECT_TRUE(std::equal(header.begin(), header.end(), bytes.begin())) << vector;
  }
}

TEST(RelayFrame, EveryTruncationNeedsMore) {
  for (const auto& vector : vectors().at("frames")) {
    const Bytes whole = wire(vector);
    for (std::size_t size = 0; size < whole.size(); size += size < 100 ? 1 : 997) {
      Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      FrameReader reader(cut, sender(vector.at("from")));
      const auto read = reader.next();
      ASSERT_TRUE(read) << vector << size;
      EXPECT_FALSE(read->has_value()) << vector << size;
      EXPECT_EQ(reader.consumed(), 0U);
    }
  }
}

TEST(RelayFrame, TypesOfLaterVersionsAreSkipped) {
  for (const auto& vector : vectors().at("skipped")) {
    Bytes bytes = wire(vector);
    const std::size_t skipped = bytes.size();
    bytes += frame(4, 1);
    FrameReader reader(bytes, sender(vector.at("from")));
    const auto read = reader.next();
    ASSERT_TRUE(read && *read) << vector;
    EXPECT_EQ((*read)->type, FrameType::data);
    EXPECT_EQ((*read)->bytes.data(), bytes.data() + skipped);
  }
}

TEST(RelayFrame, WhatIsNotAFrameIsRefusedByItsHeaderAlone) {
  const std::vector<std::pair<std::string, Errc>> reasons{{"unknown-type", Errc::unknown_type},
                                                          {"wrong-sender", Errc::wrong_sender},
                                                          {"too-long", Errc::too_long},
                                                          {"wrong-length", Errc::wrong_length}};
  for (const auto& vector : vectors().at("refused_frames")) {
    const auto reason = std::find_if(reasons.begin(), reasons.end(), [&](const auto& pair) {
      return pair.first == vector.at("why").get<std::string>();
    });
    ASSERT_NE(reason, reasons.end()) << vector;
    Bytes header = wire(vector);
    header.resize(kHeaderBytes);
    FrameReader reader(header, sender(vector.at("from")));
    EXPECT_EQ(reader.next().error(), reason->second) << vector;
    EXPECT_EQ(reader.next().error(), reason->second) << "the same again";
    EXPECT_EQ(reader.consumed(), 0U);
  }
}

TEST(RelayFrame, FramesBeforeABadOneAreGiven) {
  Bytes bytes = frame(4, 3);
  bytes += frame(0, 0);
  FrameReader reader(bytes, Sender::client);
  EXPECT_TRUE(reader.next()->has_value());
  EXPECT_EQ(reader.next().error(), Errc::unknown_type);
  EXPECT_EQ(reader.consumed(), kHeaderBytes + 3);
}

TEST(RelayFrame, EveryTypeByteIsKnownRefusedOrSkipped) {
  for (unsigned type = 0; type < 256; ++type) {
    const bool known = type >= 1 && type <= 11;
    const bool empty = type != 7 && type != 8;
    for (const Sender from : {Sender::client, Sender::relay}) {
      const auto error = error_of(frame(static_cast<std::uint8_t>(type), empty ? 0 : kPingBytes), from);
      if (type >= kFirstSkippedType) {
        EXPECT_FALSE(error) << type;
      } else if (!known) {
        EXPECT_EQ(error, Errc::unknown_type) << type;
      } else {
        EXPECT_EQ(!error, allowed(static_cast<FrameType>(type), from)) << type;
      }
    }
  }
}

TEST(RelayFrame, LengthsUpToTheMostAreTakenAndOneMoreIsNot) {
  const std::vector<std::pair<FrameType, std::size_t>> most{{FrameType::data, 16'380}, {FrameType::hello, 4096}};
  for (const auto& [type, bytes] : most) {
    EXPECT_FALSE(error_of(frame(static_cast<std::uint8_t>(type), bytes), Sender::client));
    EXPECT_EQ(error_of(frame(static_cast<std::uint8_t>(type), bytes + 1), Sender::client), Errc::too_long);
  }
  // Each byte of the length counts.
  for (const std::size_t bytes : {0U, 1U, 255U, 256U, 257U, 16'379U, 16'380U}) {
    Bytes whole = frame(4, bytes);
    EXPECT_EQ((*FrameReader(whole, Sender::relay).next())->payload().size(), bytes);
  }
}

TEST(RelayFrame, WhoMaySendWhatWhenIsTheVectorsTable) {
  const std::vector<std::string> names{"HELLO", "WAITING", "PAIRED", "DATA", "PEER_LEFT", "ERROR",
                                       "PING",  "PONG",    "GOAWAY", "BYE",  "READY"};
  const std::vector<std::pair<std::string, Phase>> phases{
      {"opening", Phase::opening}, {"waiting", Phase::waiting}, {"paired", Phase::paired}};
  for (const auto* const who : {"client", "relay"}) {
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
      bool ever = false;
      for (const auto& [phase_name, phase] : phases) {
        const auto& list = vectors().at("order").at(who).at(phase_name);
        const bool listed = std::find(list.begin(), list.end(), nlohmann::json(names[i])) != list.end();
        EXPECT_EQ(allowed(kTypes[i], sender(who), phase), listed) << who << names[i] << phase_name;
        ever |= listed;
      }
      EXPECT_EQ(allowed(kTypes[i], sender(who)), ever) << who << names[i];
    }
  }
  EXPECT_FALSE(allowed(static_cast<FrameType>(0), Sender::client));
  EXPECT_FALSE(allowed(static_cast<FrameType>(12), Sender::relay));
  EXPECT_FALSE(allowed(static_cast<FrameType>(255), Sender::relay, Phase::paired));
}

// The frames that a receiver sees when the bytes come in segments, with a buffer of one frame at least.
template <class NextSize>
std::vector<std::pair<FrameType, Bytes>> receive(const Bytes& stream, NextSize next_size) {
  std::vector<std::pair<FrameType, Bytes>> frames;
  Bytes buffer;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t size = std::min<std::size_t>(next_size(), stream.size() - at);
    buffer.insert(buffer.end(), stream.begin() + static_cast<std::ptrdiff_t>(at),
                  stream.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size;
    FrameReader reader(buffer, Sender::client);
    for (auto read = reader.next(); read && *read; read = reader.next()) {
      frames.emplace_back((*read)->type, Bytes((*read)->payload().begin(), (*read)->payload().end()));
    }
    buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(reader.consumed()));
    EXPECT_LT(buffer.size(), kMaxFrameBytes) << "more than one frame left over";
  }
  EXPECT_TRUE(buffer.empty());
  return frames;
}

TEST(RelayFrame, AnySegmentsGiveTheSameFrames) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto up_to = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random); };
  for (int round = 0; round < 50; ++round) {
    std::vector<std::pair<FrameType, Bytes>> sent;
    Bytes stream;
    for (std::size_t left = 1 + up_to(20); left > 0; --left) {
      if (up_to(5) == 0) {
        stream += frame(static_cast<std::uint8_t>(0x80 + up_to(0x7f)), up_to(100));
        continue;
      }
      Bytes payload(up_to(3) == 0 ? up_to(kMaxPayloadBytes) : up_to(10));
      for (std::byte& byte : payload) byte = static_cast<std::byte>(up_to(255));
      Bytes header(kHeaderBytes);
      encode_header(FrameType::data, payload.size(), std::span(header).first<kHeaderBytes>());
      stream += header;
      stream += payload;
      sent.emplace_back(FrameType::data, std::move(payload));
    }
    EXPECT_EQ(receive(stream, [&] { return stream.size(); }), sent);
    EXPECT_EQ(receive(stream, [&] { return 1 + up_to(40); }), sent);
    EXPECT_EQ(receive(stream, [&] { return 1 + up_to(20'000); }), sent);
  }
}

TEST(RelayFrame, AWholeOneIsReadBack) {
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{1}, std::size_t{255}, std::size_t{256}, kMaxPayloadBytes}) {
    const Bytes payload(bytes, std::byte{'x'});
    const std::string whole = to_frame(FrameType::data, payload);
    EXPECT_EQ(Bytes(std::as_bytes(std::span(whole)).begin(), std::as_bytes(std::span(whole)).end()), frame(4, bytes));
  }
  EXPECT_EQ(to_frame(FrameType::bye), std::string("\x0a\0\0\0", 4));
}

TEST(RelayFrame, ReadingAndWritingAllocatesNothing) {
  Bytes stream = frame(4, kMaxPayloadBytes);
  for (int i = 0; i < 1000; ++i) stream += frame(4, 64);
  stream += frame(0x80, 9);
  std::size_t frames = 0;
  test::Allocations allocations;
  FrameReader reader(stream, Sender::client);
  for (auto read = reader.next(); read && *read; read = reader.next()) {
    const auto at = static_cast<std::size_t>((*read)->bytes.data() - stream.data());
    encode_header((*read)->type, (*read)->payload().size(), std::span(stream).subspan(at).first<kHeaderBytes>());
    ++frames;
  }
  const std::size_t made = allocations.count();
  EXPECT_EQ(made, 0U);
  EXPECT_EQ(frames, 1001U);
  EXPECT_EQ(reader.consumed(), stream.size());

  ::operator delete(::operator new(1));  // the count is not blind (`delete new int` may be left out by a compiler)
  EXPECT_EQ(allocations.count() > 0, test::Allocations::kAreSeen);
}

TEST(RelayFrame, TheDocumentShowsTheVectorsConversation) {
  std::string document = test::read_source("docs/relay-protocol.md");
  std::erase_if(document, [](unsigned char c) { return std::isspace(c) != 0; });
  std::size_t at = document.find("##Aworkedexample");
  ASSERT_NE(at, std::string::npos);
  for (const auto& step : vectors().at("conversation")) {
    if (step.at("name") == "DATA" && step.at("from") == "relay") continue;  // on its sender's line
    const std::string digits = step.at("hex");
    const std::string shown = digits.substr(0, 8) + text(from_hex(digits.substr(8)));
    const std::size_t as_hex = document.find(digits, at);
    const std::size_t as_text = document.find(shown, at);
    EXPECT_TRUE(as_hex != std::string::npos || as_text != std::string::npos) << step;
    at = std::min({as_hex, as_text, document.size()});
  }
}

}  // namespace
}  // namespace parley::relay
