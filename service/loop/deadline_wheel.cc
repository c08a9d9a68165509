#include "service/loop/deadline_wheel.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace parley {

Deadline::Deadline(DeadlineWheel& wheel, std::function<void()> on_expiry)
    : wheel_(wheel), on_expiry_(std::move(on_expiry)) {}

Deadline::~Deadline() { clear(); }

void Deadline::set(TimePoint when) {
  when_ = when;
  set_ = true;
  if (linked_) {
    if (slot_tick_ <= wheel_.tick_of(when)) return;  // its slot comes first and will move it on
    wheel_.unlink(*this);
  }
  wheel_.link(*this);
}

void Deadline::clear() {
  set_ = false;
  if (linked_) wheel_.unlink(*this);
}

DeadlineWheel::DeadlineWheel(TimePoint now) : origin_(now) {}

DeadlineWheel::~DeadlineWheel() { assert(linked_ == 0); }

// Rounded up, so that nothing fires early.
std::uint64_t DeadlineWheel::tick_of(TimePoint when) const {
  if (when <= origin_) return 0;
  return static_cast<std::uint64_t>((when - origin_ + kTick - TimePoint::duration{1}) / kTick);
}

void DeadlineWheel::link(Deadline& deadline) {
  const auto earliest = next();
  deadline.slot_tick_ = std::clamp(tick_of(deadline.when_), now_tick_ + 1, now_tick_ + kSlots - 1);
  Deadline*& slot = slots_[deadline.slot_tick_ % kSlots];
  deadline.prev_ = nullptr;
  deadline.next_ = slot;
  if (slot != nullptr) slot->prev_ = &deadline;
  slot = &deadline;
  deadline.linked_ = true;
  ++linked_;
  if (on_earlier_ && (!earliest || origin_ + deadline.slot_tick_ * kTick < *earliest)) on_earlier_();
}

void DeadlineWheel::unlink(Deadline& deadline) {
  if (deadline.prev_ != nullptr) {
    deadline.prev_->next_ = deadline.next_;
  } else {
    slots_[deadline.slot_tick_ % kSlots] = deadline.next_;
  }
  if (deadline.next_ != nullptr) deadline.next_->prev_ = deadline.prev_;
  deadline.next_ = deadline.prev_ = nullptr;
  deadline.linked_ = false;
  --linked_;
}

void DeadlineWheel::advance(TimePoint now) {
  if (now < origin_) return;
  const auto target = static_cast<std::uint64_t>((now - origin_) / kTick);
  while (now_tick_ < target) {
    if (linked_ == 0) {
      now_tick_ = target;
      return;
    }
    ++now_tick_;
    // Taken one by one from the front: an expiry may destroy any other deadline, this slot's too. What is linked
    // anew goes to a later slot, so this ends.
    while (Deadline* deadline = slots_[now_tick_ % kSlots]) {
      unlink(*deadline);
      if (tick_of(deadline->when_) > now_tick_) {
        link(*deadline);
      } else {
        deadline->set_ = false;
        const auto run = deadline->on_expiry_;  // a copy: it may destroy its deadline
        run();
      }
    }
  }
}

std::optional<TimePoint> DeadlineWheel::next() const {
  if (linked_ == 0) return std::nullopt;
  for (std::uint64_t tick = now_tick_ + 1; tick < now_tick_ + kSlots; ++tick) {
    if (slots_[tick % kSlots] != nullptr) return origin_ + tick * kTick;
  }
  return std::nullopt;
}

}  // namespace parley
