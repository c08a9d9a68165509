#include "service/pairing/classic_pairing.h"

#include <asio/post.hpp>
#include <utility>

namespace parley {

// Ends: each time round one who waited has left the lobby for good.
void ClassicPairing::arrive(std::unique_ptr<ClassicLeg> leg) {
  while (!draining_) {
    const LegId id = leg->info().id;
    const auto other = lobby_.enter({this, id});
    if (!other) {
      waiting_.emplace(id.value, Waiting{.leg = leg.get(), .since = shard_.now()});
      shard_.spawn(wait(std::move(leg)));
      return;
    }
    if (other->at != this) {
      other->at->meet(other->leg, leg->detach());
      return;
    }
    if (meet_here(other->leg, leg)) return;
  }
  dismissed_.add(std::move(leg), EndReason::draining);
}

void ClassicPairing::meet(LegId waiting, Detached<ClassicLeg> arrival) {
  asio::post(shard_.io, [this, waiting, arrival = std::move(arrival)]() mutable {
    auto leg = arrival.attach(shard_);
    if (!meet_here(waiting, leg)) arrive(std::move(leg));
  });
}

bool ClassicPairing::meet_here(LegId waiting, std::unique_ptr<ClassicLeg>& arrival) {
  const auto found = waiting_.find(waiting.value);
  if (found == waiting_.end() || found->second.leg->peer_gone()) return false;
  found->second.partner = std::move(arrival);
  found->second.leg->partner_came();
  return true;
}

awaitable<void> ClassicPairing::wait(std::unique_ptr<ClassicLeg> leg) {
  const auto gone = co_await leg->wait_for_partner();
  const LegId id = leg->info().id;
  Waiting met = std::move(waiting_.extract(id.value).mapped());
  if (gone) {
    lobby_.leave(id);
    if (met.partner) arrive(std::move(met.partner));
    dismissed_.add(std::move(leg), *gone);
    co_return;
  }
  shard_.counters.of(Protocol::classic).note_pairing(shard_.now() - met.since);
  sessions_.start(std::make_unique<Session>(shard_, sessions_.new_id(), std::move(leg), std::move(met.partner)));
}

void ClassicPairing::drain() {
  draining_ = true;
  for (const auto& [id, waiting] : waiting_) waiting.leg->send_away(EndReason::draining);
}

void ClassicPairing::abort() {
  for (const auto& [id, waiting] : waiting_) waiting.leg->abort(EndReason::draining);
}

std::vector<WaitingView> ClassicPairing::waiting() const {
  std::vector<WaitingView> found;
  for (const auto& [id, waiting] : waiting_) found.push_back({waiting.leg->view(), Protocol::classic});
  return found;
}

}  // namespace parley
