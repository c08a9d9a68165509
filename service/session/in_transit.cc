#include "service/session/in_transit.h"

#include <utility>

#include "service/log/log.h"

namespace parley {

InTransit::Entry::Entry(InTransit& all, WaitingView seen, TimePoint now, Stream& stream) : all_(&all) {
  seen.in_transit = true;
  const std::lock_guard lock(all.mutex_);
  at_ = all.moving_.insert(all.moving_.end(), Moving{std::move(seen), now, stream});
}

InTransit::Entry::~Entry() {
  if (all_ == nullptr) return;
  const std::lock_guard lock(all_->mutex_);
  all_->moving_.erase(at_);
}

std::vector<WaitingView> InTransit::legs() const {
  std::vector<WaitingView> seen;
  const std::lock_guard lock(mutex_);
  for (const Moving& leg : moving_) seen.push_back(leg.seen);
  return seen;
}

void InTransit::cut_overdue(TimePoint now, milliseconds longest) {
  if (longest.count() == 0) return;
  const std::lock_guard lock(mutex_);
  for (Moving& leg : moving_) {
    if (leg.cut || now - leg.since < longest) continue;
    leg.cut = true;
    leg.stream.cut();
    log_event(Level::warning, "cut a leg that no shard took",
              {{"leg", to_string(leg.seen.leg.id)}, {"address", leg.seen.leg.address}});
  }
}

}  // namespace parley
