#include "cli-client/classic/outbound.h"

#include <algorithm>
#include <utility>

namespace parley::client {
namespace {

// Sent bytes are dropped when they are so many.
constexpr std::size_t kDropped = std::size_t{64} * 1024;

}  // namespace

bool Outbound::takes_turns() const {
  return pace_ == Pace::always || (pace_ == Pace::automatic && block_bytes_ < kTodaysKeyBytes);
}

void Outbound::begin(std::size_t block_bytes, TimePoint now) {
  block_bytes_ = block_bytes;
  if (key_sent_) next_at_ = now + kPause;
  advance(now);
}

void Outbound::answered(TimePoint now) {
  if (std::exchange(awaits_answer_, false)) next_at_ = now + kPause;
}

void Outbound::put(ByteView blocks) { append(pace_ == Pace::never ? ready_ : waiting_, blocks); }

void Outbound::sent(std::size_t bytes, TimePoint now) {
  taken_ += bytes;
  const bool all = taken_ == ready_.size();
  if (all || taken_ > kDropped) {
    ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(std::exchange(taken_, 0)));
  }
  if (!all) return;
  if (!std::exchange(key_sent_, true) && block_bytes_ > 0) next_at_ = now + kPause;
  advance(now);
}

void Outbound::advance(TimePoint now) {
  if (!next_at_ || now < *next_at_ || waiting_.empty() || !ready().empty()) return;
  if (!takes_turns()) {
    ready_ = std::exchange(waiting_, {});
    return;
  }
  if (std::exchange(awaits_answer_, true)) return;
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(block_bytes_);
  ready_.assign(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
}

std::optional<TimePoint> Outbound::deadline() const {
  return waiting_.empty() || !ready().empty() || awaits_answer_ ? std::nullopt : next_at_;
}

}  // namespace parley::client
