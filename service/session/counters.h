#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "service/view/end_reason.h"
#include "service/view/histogram.h"
#include "service/view/view.h"

namespace parley {

// One protocol's counts on one shard: written by the shard's thread alone, read by anyone.
struct ProtocolCounters {
  Counter connections_total;
  Counter sessions_total;
  std::array<Counter, kSessionStates> sessions;
  std::array<Counter, kRefusals> refused_total;
  std::array<Counter, kEndReasons> session_ends_total;
  std::array<Counter, kEndReasons> leg_ends_total;
  Counter messages_total;
  Counter bytes_in_total;
  Counter bytes_out_total;
  Counter resumptions_total;
  Counter dropped_bytes_total;
  Histogram handshake_seconds;
  Histogram pairing_wait_seconds;
  Histogram session_seconds;
  Histogram relay_seconds;

  // Of two who have met: the one has waited for so long, the other not at all.
  void note_pairing(std::chrono::nanoseconds wait);

  void add_to(ProtocolCounts& sum) const;
};

struct ShardCounters {
  std::array<ProtocolCounters, kProtocols> protocols;
  Counter buffered_bytes;

  ProtocolCounters& of(Protocol protocol) { return protocols[static_cast<std::size_t>(protocol)]; }
};

// What one holder adds to a total that many add to.
class Share {
 public:
  explicit Share(Counter& total) : total_(total) {}
  ~Share() { set(0); }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  void set(std::uint64_t now) {
    total_.add(now - own_);  // wraps round for less, and so does the sum
    own_ = now;
  }

 private:
  Counter& total_;
  std::uint64_t own_ = 0;
};

}  // namespace parley
