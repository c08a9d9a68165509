#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/bytes.h"
#include "protocol/chat/record.h"

namespace parley::chat {

// What is kept of records other than CHUNK, and of CHUNKs, until the other side has them: bodies, by the memory that
// they hold, and what a record costs beyond its body. So never more than the document allows.
constexpr std::size_t kMaxKeptBytes = std::size_t{1024} * 1024;
constexpr std::size_t kMaxKeptChunkBytes = std::size_t{4} * 1024 * 1024;
constexpr std::size_t kRecordCost = 64;  // a Record in its queue, and the heap's own for its body
// CHUNKs wait outside while this much is kept and not written yet: a line that is typed during a transfer goes out
// behind no more than that.
constexpr std::size_t kMaxUnwrittenBeforeChunk = std::size_t{128} * 1024;

// The numbered records of one direction from the time they are given for sending until they are acknowledged.
class Outbox {
 public:
  struct Record {
    Type type;
    Bytes body;
  };

  // Whether a record of this size may be put in now.
  bool has_room(Type type, std::size_t body_bytes) const;
  // Puts a record at the end and gives it the next number. There must be room. A STREAM may become part of one before
  // it that was never written, and has its number then: where its borders fall means nothing.
  std::uint64_t put(Type type, Bytes body);

  // The next record to write on this stream; nullptr when all have been.
  const Record* next_unwritten(std::uint64_t& sequence) const;
  void mark_written();

  // Everything up to `sequence`, which must not be over last_sent(), is with the other side.
  void acknowledge(std::uint64_t sequence);
  // A new stream: what is kept is written again.
  void rewind() {
    written_ = 0;
    written_bytes_ = 0;
  }
  // The other side is somebody else: numbers begin at 1 with what was never written, records of files left out.
  // Returns what was.
  std::vector<Record> start_anew();

  // Written or not, in order, until acknowledged.
  const std::deque<Record>& kept() const { return records_; }
  bool empty() const { return records_.empty(); }
  std::uint64_t acknowledged() const { return acknowledged_; }
  // The highest number that was ever written, on this stream or an earlier one.
  std::uint64_t last_sent() const { return acknowledged_ + ever_written_; }
  std::uint64_t last() const { return acknowledged_ + records_.size(); }
  std::size_t kept_bytes() const { return bytes_ + chunk_bytes_; }
  std::size_t unwritten_bytes() const;

 private:
  bool joins_the_last(Type type, const Bytes& body) const;
  std::size_t& bytes_of(Type type) { return type == Type::chunk ? chunk_bytes_ : bytes_; }

  std::deque<Record> records_;      // records_[i] has the number acknowledged_ + 1 + i
  std::uint64_t acknowledged_ = 0;  // the last number that is no longer kept
  std::size_t written_ = 0;         // how many of records_ have been written on this stream
  std::size_t ever_written_ = 0;    // and on any
  std::size_t written_bytes_ = 0;   // what the first written_ records cost
  std::size_t bytes_ = 0;           // what records other than CHUNK cost
  std::size_t chunk_bytes_ = 0;
};

}  // namespace parley::chat
