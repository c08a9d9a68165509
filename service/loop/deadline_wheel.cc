#include "service/loop/deadline_wheel.h"

#include <algorithm>
#include <bit>
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

void Deadline::move(TimePoint when) {
  assert(set_);
  when_ = std::max(when_, when);
}

void Deadline::clear() {
  set_ = false;
  if (linked_) wheel_.unlink(*this);
}

DeadlineWheel::DeadlineWheel(TimePoint now) : origin_(now) {}

DeadlineWheel::~DeadlineWheel() { assert(earliest_ == kNever && "deadline wheel destroyed with a deadline set"); }

// Rounded up, so that nothing fires early.
std::uint64_t DeadlineWheel::tick_of(TimePoint when) const {
  if (when <= origin_) return 0;
  return static_cast<std::uint64_t>((when - origin_ + kTick - TimePoint::duration{1}) / kTick);
}

void DeadlineWheel::link(Deadline& deadline) {
  deadline.slot_tick_ = std::clamp(tick_of(deadline.when_), now_tick_ + 1, now_tick_ + kSlots - 1);
  const std::size_t index = deadline.slot_tick_ % kSlots;
  Deadline*& slot = slots_[index];
  deadline.prev_ = nullptr;
  deadline.next_ = slot;
  if (slot != nullptr) slot->prev_ = &deadline;
  slot = &deadline;
  deadline.linked_ = true;
  occupied_[index / kWordBits] |= std::uint64_t{1} << index % kWordBits;
  earliest_ = std::min(earliest_, deadline.slot_tick_);
  if (deadline.slot_tick_ >= said_) return;
  said_ = deadline.slot_tick_;
  if (on_earlier_) on_earlier_();
}

void DeadlineWheel::unlink(Deadline& deadline) {
  const std::size_t index = deadline.slot_tick_ % kSlots;
  if (deadline.prev_ != nullptr) {
    deadline.prev_->next_ = deadline.next_;
  } else {
    slots_[index] = deadline.next_;
  }
  if (deadline.next_ != nullptr) deadline.next_->prev_ = deadline.prev_;
  deadline.next_ = deadline.prev_ = nullptr;
  deadline.linked_ = false;
  if (slots_[index] != nullptr) return;
  occupied_[index / kWordBits] &= ~(std::uint64_t{1} << index % kWordBits);
  if (deadline.slot_tick_ == earliest_) earliest_ = first_occupied();
}

std::uint64_t DeadlineWheel::first_occupied() const {
  const std::uint64_t tick = now_tick_ + 1;
  const std::size_t begin = tick % kSlots;
  const std::size_t words = occupied_.size();
  // Once round, from the bit on to which the wheel turns next: the first word's lower bits come last.
  for (std::size_t i = 0; i <= words; ++i) {
    const std::size_t word = (begin / kWordBits + i) % words;
    std::uint64_t bits = occupied_[word];
    if (i == 0) bits &= ~std::uint64_t{0} << begin % kWordBits;
    if (bits == 0) continue;
    const std::size_t slot = word * kWordBits + static_cast<std::size_t>(std::countr_zero(bits));
    return tick + (slot + kSlots - begin) % kSlots;
  }
  return kNever;
}

void DeadlineWheel::advance(TimePoint now) {
  if (now < origin_) return;
  const auto target = static_cast<std::uint64_t>((now - origin_) / kTick);
  while (earliest_ <= target) {
    now_tick_ = earliest_;
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
  now_tick_ = std::max(now_tick_, target);
}

std::optional<TimePoint> DeadlineWheel::next() {
  said_ = earliest_;
  if (earliest_ == kNever) return std::nullopt;
  return origin_ + earliest_ * kTick;
}

}  // namespace parley
