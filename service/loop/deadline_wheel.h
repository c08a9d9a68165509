#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
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

  // Whether it is set already or not, and to an earlier moment or a later one.
  void set(TimePoint when);
  // Pushes back one that is_set(); a moment before the one it has changes nothing. One store, so it may be done for
  // every message: the wheel files it anew when its old slot comes.
  void move(TimePoint when);
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

// A coarse timer wheel: deadlines fire up to one tick late, never early. Everything takes the same time however many
// are set, and wherever they lie. Owned by one thread.
class DeadlineWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{50};
  static constexpr std::size_t kSlots = 512;  // one turn: 25.6 s; what lies further away goes round again

  explicit DeadlineWheel(TimePoint now);
  // No deadline may be set any more.
  ~DeadlineWheel();
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

  // Runs what has expired by `now`. What it runs may set, clear and destroy deadlines, its own too.
  void advance(TimePoint now);

  // When advance() is due next, if only to file something anew; nullopt while nothing is set.
  std::optional<TimePoint> next();

  // Called when advance() has become due before what was said last, by next() or by a call of this.
  void on_earlier(std::function<void()> callback) { on_earlier_ = std::move(callback); }

 private:
  friend class Deadline;
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::size_t kWordBits = 64;

  std::uint64_t tick_of(TimePoint when) const;
  void link(Deadline& deadline);
  void unlink(Deadline& deadline);
  // The first tick after now_tick_ whose slot is not empty; kNever when all are.
  std::uint64_t first_occupied() const;

  const TimePoint origin_;
  std::uint64_t now_tick_ = 0;
  std::uint64_t earliest_ = kNever;  // of all that are linked
  std::uint64_t said_ = kNever;      // what the owner takes for the earliest
  std::array<Deadline*, kSlots> slots_{};
  std::array<std::uint64_t, kSlots / kWordBits> occupied_{};  // a bit a slot: not empty
  std::function<void()> on_earlier_;
};

}  // namespace parley
