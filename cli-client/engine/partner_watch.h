#pragma once

#include <chrono>
#include <optional>

#include "cli-client/base/clock.h"

namespace parley::client {

// Whether the partner answers on a stream: with its greeting, and from then on with acknowledgements of what it is
// sent.
class PartnerWatch {
 public:
  // For its part of the inner handshake and its HELLO.
  static constexpr std::chrono::seconds kGreetingTime{10};
  // What was written and is not acknowledged may have been dropped on the way, with nothing after it to show that. But
  // the partner may as well be slow to take it: so the stream is given up, and all of that sent again on the next,
  // after longer and longer times.
  static constexpr std::chrono::seconds kFirstStall{20};
  static constexpr std::chrono::seconds kLongestStall{600};

  // A word is due: its greeting on a new stream, or what ended the old one.
  void expect_word(TimePoint now);
  void met();
  // It has acknowledged something.
  void progress();
  // There is no stream.
  void stop();

  // True when the stream is to be given up. `outstanding`: there is something that it has not acknowledged.
  bool stalled(bool outstanding, TimePoint now);
  std::optional<TimePoint> deadline() const { return stalls_at_; }

 private:
  bool met_ = false;
  std::chrono::seconds stall_ = kFirstStall;
  std::optional<TimePoint> stalls_at_;
};

}  // namespace parley::client
