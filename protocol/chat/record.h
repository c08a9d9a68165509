#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <tl/expected.hpp>

#include "base/bytes.h"

namespace parley::chat {

// Header is type (1 byte), length (3 bytes, of the body only), sequence number (8 bytes), big-endian.
constexpr std::size_t kHeaderBytes = 1 + 3 + 8;
constexpr std::size_t kMaxBodyBytes = std::size_t{64} * 1024;
constexpr std::size_t kMaxJsonBytes = 4096;
constexpr std::size_t kMaxSideNameBytes = 64;
constexpr std::size_t kAckBytes = 8;          // of a STORED, too
constexpr std::size_t kStreamBytes = 16'116;  // of a STREAM: as many as fill one record of the inner TLS
constexpr std::size_t kChunkHeaderBytes = 4 + 8;
constexpr std::size_t kComparingBytes = 4 + 8;
constexpr std::uint64_t kMaxSequence = (std::uint64_t{1} << 53) - 1;  // what JSON carries exactly everywhere

enum class Type : std::uint8_t {
  hello = 1,
  text = 2,
  ack = 3,
  offer = 4,
  answer = 5,
  chunk = 6,
  done = 7,
  typing = 8,
  bye = 9,
  stream = 10,
  name = 11,
  comparing = 128,
  stored = 129,
};
constexpr std::uint8_t kFirstSkippedType = 0x80;  // unknown types from here on are skipped

// Whether records of this type have a sequence number, are kept until acknowledged, and sent again.
bool is_numbered(Type type);

// OFFER, ANSWER, CHUNK and DONE.
bool is_of_file(Type type);

struct LengthBounds {
  std::size_t min;
  std::size_t max;
};
// Of the body; nothing for a type that is not known.
std::optional<LengthBounds> length_bounds(Type type);

// A record whose body is somewhere else.
struct RecordView {
  Type type;
  std::uint64_t sequence;  // 0 when the type is not numbered
  ByteView body;
};

// Appends one record. The caller keeps to length_bounds().
void append_record(Bytes& out, const RecordView& record);

// Takes records off the front of a byte stream, however it was cut.
class RecordReader {
 public:
  // Gives `bytes` to the reader.
  void feed(ByteView bytes);

  // The next record whose type is known, or nothing when the bytes end within one. Its body is valid until the next
  // call of feed(). A header is checked before anything is kept for its body, so at most one record and what feed()
  // was given are held. After an error (bad_type, bad_length, bad_number) the reader is of no use.
  tl::expected<std::optional<RecordView>, std::error_code> next();

 private:
  Bytes held_;             // what feed() was given and next() has not taken yet
  std::size_t begin_ = 0;  // of what is left in held_
};

}  // namespace parley::chat
