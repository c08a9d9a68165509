#include "service/pairing/lobby.h"

#include <utility>

namespace parley {

std::optional<Lobby::Ticket> Lobby::enter(Ticket arrival) {
  const std::lock_guard lock(mutex_);
  if (waiting_) return std::exchange(waiting_, std::nullopt);
  waiting_ = arrival;
  return std::nullopt;
}

bool Lobby::leave(LegId leg) {
  const std::lock_guard lock(mutex_);
  if (!waiting_ || waiting_->leg != leg) return false;
  waiting_.reset();
  return true;
}

std::size_t Lobby::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_ ? 1 : 0;
}

}  // namespace parley
