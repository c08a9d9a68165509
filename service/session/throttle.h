#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>

#include "service/loop/asio.h"
#include "service/loop/clock.h"
#include "service/loop/deadline_wheel.h"
#include "service/loop/event.h"
#include "service/settings/settings.h"

namespace parley {

// How fast a client may send: a token bucket for messages, and one for bytes. What has been read is always passed on;
// when it was more than the bucket held, the next is read once that has been made up for. Asked only where
// Limits::throttle() says that there is a rate to keep to.
class Throttle {
 public:
  // A bucket holds what may be sent in this time.
  static constexpr std::chrono::seconds kBurst{1};

  // When the next may be read.
  TimePoint open_at(const Limits& limits) const {
    return std::max(limits.message_rate_per_connection > 0 ? messages_.paid_until : TimePoint{},
                    limits.byte_rate_per_connection > 0 ? bytes_.paid_until : TimePoint{});
  }
  // How many messages may be taken, once it is open: at least one.
  std::size_t messages(const Limits& limits, TimePoint now) const {
    if (limits.message_rate_per_connection <= 0) return static_cast<std::size_t>(-1);
    const std::chrono::duration<double> credit = std::min<TimePoint::duration>(now - messages_.paid_until, kBurst);
    return static_cast<std::size_t>(std::max(1.0, std::floor(credit.count() * limits.message_rate_per_connection)));
  }
  void spend(const Limits& limits, std::size_t messages, std::size_t bytes, TimePoint now) {
    messages_.spend(messages, limits.message_rate_per_connection, now);
    bytes_.spend(bytes, static_cast<double>(limits.byte_rate_per_connection), now);
  }

 private:
  // Full when `paid_until` lies kBurst back, empty when it is now, overdrawn when it is still to come.
  struct Bucket {
    TimePoint paid_until{};
    void spend(std::size_t count, double rate, TimePoint now) {
      if (rate <= 0) return;
      const std::chrono::duration<double> worth(static_cast<double>(count) / rate);
      paid_until =
          std::max<TimePoint>(paid_until, now - kBurst) + std::chrono::duration_cast<TimePoint::duration>(worth);
    }
  };
  Bucket messages_;
  Bucket bytes_;
};

// Returns then, or when somebody notifies `sooner`.
inline awaitable<void> wait_until(DeadlineWheel& wheel, TimePoint then, Event& sooner) {
  Deadline deadline(wheel, [&sooner] { sooner.notify(); });
  deadline.set(then);
  co_await sooner.wait();
}

}  // namespace parley
