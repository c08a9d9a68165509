#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "service/loop/clock.h"

namespace parley {

class DeadlineWheel;

// A moment at which something is to be done, unless it is moved or cleared before. Belongs to one wheel, which
// must outlive it. Destroying it clears it.
class Deadline {
 public:
  Deadline(DeadlineWheel& wheel, std::function<void()> on_expiry);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // Moving a deadline to a later moment is one store, so it may be done for every message.
  void set(TimePoint when);
  void clear();
  bool is_set() const { return set_; }

 private:
  friend class DeadlineWheel;
  DeadlineWheel& wheel_;
  std::function<void()> on_expiry_;
  TimePoint when_{};
  bool set_ = false;
  // In a slot's list while linked; the slot may be an earlier one than when_ asks for.
  bool linked_ = false;
  std::uint64_t slot_tick_ = 0;
  Deadline* next_ = nullptr;
  Deadline* prev_ = nullptr;
};

// A coarse timer wheel: deadlines fire up to one tick late, never early. Owned by one thread.
class DeadlineWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{50};
  static constexpr std::size_t kSlots = 512;  // one turn: 25.6 s; what lies further away goes round again

  explicit DeadlineWheel(TimePoint now);
  ~DeadlineWheel();
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

  // Runs what has expired by `now`. What it runs may set, clear and destroy deadlines, its own too.
  void advance(TimePoint now);

  // When advance() is due next; nullopt while nothing is set.
  std::optional<TimePoint> next() const;

  // Called when a deadline is set that is due before what next() has said.
  void on_earlier(std::function<void()> callback) { on_earlier_ = std::move(callback); }

 private:
  friend class Deadline;
  std::uint64_t tick_of(TimePoint when) const;
  void link(Deadline& deadline);
  void unlink(Deadline& deadline);

  const TimePoint origin_;
  std::uint64_t now_tick_ = 0;
  std::size_t linked_ = 0;
  std::array<Deadline*, kSlots> slots_{};
  std::function<void()> on_earlier_;
};

}  // namespace parley
