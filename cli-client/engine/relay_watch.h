#pragma once

#include <chrono>
#include <optional>

#include "cli-client/base/clock.h"

namespace parley::client {

// Whether the relay at the other end of a connection is still there. One that says nothing is asked, by PING, and given
// up when nothing comes of that either; so is one that answers PING, but not HELLO.
class RelayWatch {
 public:
  static constexpr std::chrono::seconds kQuiet{10};       // before it is asked
  static constexpr std::chrono::seconds kAnswerTime{10};  // after that
  static constexpr std::chrono::seconds kHelloTime{20};

  // HELLO is on its way.
  void begin(TimePoint now);
  // It has been answered.
  void welcomed() { welcome_by_.reset(); }

  enum class Verdict { fine, ask, gone };
  // `heard`: when something last came. After Verdict::ask PING is on its way.
  Verdict look(TimePoint heard, TimePoint now);
  // When to look again.
  TimePoint deadline(TimePoint heard) const;

 private:
  std::optional<TimePoint> asked_at_;
  std::optional<TimePoint> welcome_by_;
};

}  // namespace parley::client
