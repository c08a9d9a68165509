#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "cli-client/base/clock.h"

namespace parley::client {

// Whether a relay is given one thing at a time.
enum class Pace { automatic, always, never };

// What goes to a relay: our key, and blocks behind it. A relay of the original design takes what one read gives it for
// one thing, be it a key or a block, and when it has passed on a block it reads from the other side before it reads
// from us again (docs/classic-protocol.md, "Pacing"). So there is a pause behind the key, and if the relay's key is too
// short for one of today a block is only sent when the other side has written since the last one, and a pause after
// that: to the second of two clients the relay sends what the first has written before it reads what waits from the
// second.
class Outbound {
 public:
  // Longer than any relay needs to read what is there, once it has sent what it had.
  static constexpr std::chrono::milliseconds kPause{250};
  // A relay's key below so many bits is of the original's kind: parleyd makes none.
  static constexpr std::size_t kTodaysKeyBytes = 2048 / 8;

  Outbound(Bytes key, Pace pace) : pace_(pace), ready_(std::move(key)) {}

  // The relay's key has come, whose blocks are of so many bytes: blocks may be put.
  void begin(std::size_t block_bytes, TimePoint now);
  // One block, or several.
  void put(ByteView blocks);
  // The other side has written.
  void answered(TimePoint now);

  // What may be sent now; advance() makes it more, at deadline() or when something has changed.
  ByteView ready() const { return ByteView(ready_).subspan(taken_); }
  void sent(std::size_t bytes, TimePoint now);
  void advance(TimePoint now);
  std::optional<TimePoint> deadline() const;

  // All has been sent.
  bool empty() const { return ready().empty() && waiting_.empty(); }
  std::size_t bytes() const { return ready().size() + waiting_.size(); }
  // There is more to send, for which the other side has to write first.
  bool waits_for_answer() const { return awaits_answer_ && !waiting_.empty(); }

 private:
  bool takes_turns() const;

  const Pace pace_;
  Bytes ready_;
  std::size_t taken_ = 0;  // of ready_
  Bytes waiting_;          // blocks behind that
  std::size_t block_bytes_ = 0;
  bool key_sent_ = false;
  std::optional<TimePoint> next_at_;  // the next block may go out; set once both keys are through
  bool awaits_answer_ = false;        // to the last block
};

}  // namespace parley::client
