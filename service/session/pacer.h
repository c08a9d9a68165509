#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "protocol/classic/public_key.h"
#include "service/loop/deadline_wheel.h"
#include "service/session/context.h"

namespace parley {

// Gives a classic client with a small key one block at a time: such clients, the original's, take whatever one read
// gives as one block. The next may go out when the client has sent a block itself, or has had time for that read.
// Owned by a leg and, as that, by one shard.
class Pacer {
 public:
  // The time that a client has for one read.
  static constexpr milliseconds kPace{250};
  // Keys below this many bits are of the original's kind.
  static constexpr unsigned kBelowBits = 1024;

  // Whose turn it is: plain values, that move with the leg.
  struct Turn {
    bool taken = false;       // the client has sent a block since the last thing it was given
    TimePoint has_read_by{};  // when it has had the time to read the last thing
  };

  // Both must outlive the pacer. `go_on`: called when the next block may go out after all.
  Pacer(ShardContext& shard, Turn& turn, std::function<void()> go_on);

  // Once the client's key is known. Until then everything may go out.
  void start(const classic::PublicKey& key);
  // The client begins to read only now.
  void restart_time() { turn_.has_read_by = shard_.now() + kPace; }
  // The client has sent a block.
  void take_turn() { turn_.taken = true; }

  // How much of `queued` bytes may go out now. 0, unless there are none: go_on() will be called.
  std::size_t due(std::size_t queued);
  // Of what was due.
  void sent(std::size_t bytes, TimePoint now);
  // Never calls go_on() any more.
  void stop() { time_.clear(); }

 private:
  bool paces() const;

  ShardContext& shard_;
  Turn& turn_;
  // Small, as an idle leg has them too: no key is longer than 8,192 bits.
  std::uint16_t key_bits_ = 0;
  std::uint16_t block_bytes_ = 0;  // 0: not started
  std::uint16_t left_ = 0;         // bytes of the block that is going out
  Deadline time_;
};

}  // namespace parley
