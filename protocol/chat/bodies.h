#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tl/expected.hpp>
#include <vector>

#include "base/bytes.h"
#include "protocol/chat/record.h"

namespace parley::chat {

// What is in the bodies of records: docs/chat-protocol.md has the members and their bounds. Decoding checks them all;
// encoding expects them kept. Every decode fails with Errc::bad_body, decode_hello() also with other_protocol.

constexpr std::size_t kMaxFeatures = 16;
constexpr std::size_t kMaxFeatureBytes = 32;
constexpr std::size_t kMaxReasonBytes = 255;
constexpr std::uint32_t kMaxFiles = 100'000;
constexpr std::uint64_t kMaxFileBytes = kMaxSequence;
constexpr std::uint32_t kMaxMode = 0777;
// Files that were offered and are neither done nor refused.
constexpr std::size_t kMaxOpenFiles = 64;
// Of a CHUNK: as many as fill one record of the inner TLS.
constexpr std::size_t kChunkBytes = 16'104;

using ConversationId = std::array<std::byte, 16>;
using Digest = std::array<std::byte, 32>;  // SHA-256

template <typename T>
using Decoded = tl::expected<T, std::error_code>;

struct Hello {
  ConversationId conversation{};
  std::optional<ConversationId> peer;
  std::uint64_t received = 0;  // of peer; 0 without one
  std::string name;
  std::vector<std::string> features;

  bool operator==(const Hello&) const = default;
};
Bytes encode(const Hello& hello);
Decoded<Hello> decode_hello(ByteView body);

struct Offer {
  std::uint32_t file = 0;
  std::string name{};  // as the other side says it: see safe_path()
  std::uint64_t size = 0;
  std::optional<std::uint32_t> mode{};
  std::optional<Digest> sha256{};
  bool directory = false;  // a folder, offered before what is in it
  std::optional<std::uint32_t> total_files{};
  std::optional<std::uint64_t> total_size{};
  std::optional<std::uint64_t> stored{};    // it has holes: what is in between, less than `size`
  std::optional<std::uint64_t> modified{};  // in milliseconds since 1970
  std::uint32_t left_out = 0;               // in the first of a group: links, devices and the like that are not sent
  std::uint32_t named = 0;                  // and how many files and folders its user has named; 0: not told
  std::string error{};                      // not empty: it will not come, and why

  bool operator==(const Offer&) const = default;
};
// Whether an OFFER can have it, if it is UTF-8.
bool is_offer_name(std::string_view name);
Bytes encode(const Offer& offer);
Decoded<Offer> decode_offer(ByteView body);

struct Answer {
  std::uint32_t file = 0;
  bool accept = false;
  std::uint64_t offset = 0;        // of an accepted file: where to go on
  std::optional<Digest> sha256{};  // of the first `offset` bytes, when that is not 0
  std::string name{};              // what it is called there, where that is not as the rules for names have it
  std::string reason{};            // of a refusal
  bool want_sha256 = false;        // and of one that may change: offer it again with its digest

  bool operator==(const Answer&) const = default;
};
Bytes encode(const Answer& answer);
Decoded<Answer> decode_answer(ByteView body);

struct Done {
  std::uint32_t file = 0;
  std::optional<Digest> sha256{};  // or else
  std::string error{};

  bool operator==(const Done&) const = default;
};
Bytes encode(const Done& done);
Decoded<Done> decode_done(ByteView body);

struct Chunk {
  std::uint32_t file = 0;
  std::uint64_t offset = 0;
  ByteView bytes;  // into the body
};
Bytes encode(const Chunk& chunk);
// The front of a CHUNK, with room reserved for so many bytes of the file behind it.
Bytes chunk_header(std::uint32_t file, std::uint64_t offset, std::size_t bytes);
Decoded<Chunk> decode_chunk(ByteView body);

// The receiver reads what it has of a file, up to `offset`, before it answers: the sender may do so at the same time.
struct Comparing {
  std::uint32_t file = 0;
  std::uint64_t offset = 0;

  bool operator==(const Comparing&) const = default;
};
Bytes encode(const Comparing& comparing);
Decoded<Comparing> decode_comparing(ByteView body);

// The number that the body of an ACK, or STORED, holds; the reader has checked its length.
std::uint64_t decode_ack(ByteView body);

}  // namespace parley::chat
