#include "service/session/seal_budget.h"

#include <algorithm>

namespace parley {

TimePoint SealBudget::spend(const std::string& address, std::chrono::nanoseconds time, TimePoint now) {
  if (paid_until_.size() >= look_at_) {
    std::erase_if(paid_until_, [now](const auto& entry) { return entry.second <= now - kBurst; });
    look_at_ = std::max(kFew, 2 * paid_until_.size());
  }
  TimePoint& paid_until = paid_until_.try_emplace(address, now - kBurst).first->second;
  paid_until = std::max<TimePoint>(paid_until, now - kBurst) + kShare * time;
  return paid_until;
}

}  // namespace parley
