#include "service/session/dismissed_legs.h"

#include <utility>

#include "service/log/log.h"

namespace parley {

void DismissedLegs::add(std::unique_ptr<Leg> leg, EndReason reason) {
  if (aborting_) leg->abort(reason);
  legs_.insert(leg.get());
  shard_.spawn(dismiss(std::move(leg), reason));
}

awaitable<void> DismissedLegs::dismiss(std::unique_ptr<Leg> leg, EndReason reason) {
  co_await leg->dismiss(reason);
  legs_.erase(leg.get());
  shard_.counters.of(leg->protocol()).leg_ends_total[static_cast<std::size_t>(reason)].add();
  if (log_enabled(Level::debug)) {
    log_event(Level::debug, "leg ended",
              {{"leg", to_string(leg->info().id)},
               {"protocol", label(leg->protocol())},
               {"address", leg->info().address},
               {"reason", label(reason)}});
  }
}

void DismissedLegs::abort() {
  aborting_ = true;
  for (Leg* leg : legs_) leg->abort(EndReason::draining);
}

}  // namespace parley
